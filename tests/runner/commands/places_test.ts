import assert from "node:assert/strict";
import type { RunResult, StageResult } from "../../../runner/execute/run_event.ts";
import { renderPlaces } from "../../../runner/commands/places.ts";
import { UserError } from "../../../runner/diagnostic.ts";
import { testFolder } from "../../helpers/folder.ts";
import { instance } from "../execute/instance.ts";

function stage(id: string, outputs: Record<string, string>, hasTable: boolean): StageResult {
  const tables = hasTable ? [{ title: id, columns: [], rows: [] }] : [];
  const rest = { uses: "some", key: "k", reason: "", seconds: 0, metrics: {} };
  return { id, status: "hit", outputs, tables, ...rest };
}

Deno.test("the end says where the tables' stages left a page, or else their folder", async () => {
  using dir = testFolder({
    "trees/a1/report.html": "",
    "trees/a1/comparison.json": "{}",
    "trees/b2/x.txt": "",
  });
  const read: string[] = [];
  const store = {
    holds: () => true,
    isPacked: () => false,
    materialise: (tree: string) => {
      read.push(tree);
      return Promise.resolve(`${dir.path}/trees/${tree}`);
    },
  };
  const stages = [
    instance("inner"),
    instance("compare", { needs: ["inner"] }),
    instance("table"),
    instance("weights"),
  ];
  const result: RunResult = {
    status: "ok",
    stages: [
      stage("inner", { out: "c3" }, true),
      stage("compare", { comparison: "a1" }, true),
      stage("table", { out: "b2" }, true),
      stage("weights", { model: "d4" }, false),
    ],
  };
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(
    await renderPlaces(pipeline, result, store, dir.path),
    "\ncomparison: trees/a1/report.html\nout: trees/b2\n",
  );
  assert.deepEqual(read, ["a1", "b2"]);
  assert.equal(
    await renderPlaces(pipeline, result, store, `${dir.path}/deeper`),
    `\ncomparison: ${dir.path}/trees/a1/report.html\nout: ${dir.path}/trees/b2\n`,
  );
  assert.equal(await renderPlaces(pipeline, { ...result, stages: [] }, store, "/"), "");
});

Deno.test("where a folder cannot be made, the reason stands in its place", async () => {
  const store = {
    holds: () => true,
    isPacked: () => false,
    materialise: () => Promise.reject(new UserError("the disk is full")),
  };
  const stages = [instance("table")];
  const result: RunResult = { status: "ok", stages: [stage("table", { out: "b2" }, true)] };
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(await renderPlaces(pipeline, result, store, "/"), "\nout: the disk is full\n");
});

Deno.test("what was left in the remote cache is not looked for here", async () => {
  const store = {
    isPacked: () => false,
    holds: () => false,
    materialise: (tree: string) => Promise.reject(tree),
  };
  const stages = [instance("table")];
  const table: StageResult = { ...stage("table", { out: "b2" }, true), remote: true };
  const result: RunResult = { status: "ok", stages: [table] };
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(
    await renderPlaces(pipeline, result, store, "/"),
    "\nout: in the remote cache; deno task cache pull fetches it\n",
  );
});

Deno.test("a folder in packs is left in them, and the command to lay it out is told", async () => {
  const store = {
    isPacked: (tree: string) => tree === "a1",
    holds: () => true,
    materialise: (tree: string) => Promise.reject(tree),
  };
  const stages = [instance("compare")];
  const result: RunResult = {
    status: "ok",
    stages: [stage("compare", { comparison: "a1" }, true)],
  };
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(
    await renderPlaces(pipeline, result, store, "/"),
    "\ncomparison: packed; deno task show a1 lays it out\n",
  );
});
