import assert from "node:assert/strict";
import { encodeRun } from "../../../runner/runs/run_record.ts";
import { type RunStore, selectRun } from "../../../runner/runs/select_run.ts";
import { UserError } from "../../../runner/diagnostic.ts";
import { run } from "./samples.ts";

const IDS = ["20261125-201530-k3f9", "20261126-201530-k3f9", "20261126-201531-aaaa"];

function store(texts: Record<string, string>): RunStore {
  return {
    folder: "/store",
    runIds: () => Object.keys(texts).sort(),
    readRun: (id) => texts[id],
    readOpenRun: () => undefined,
  };
}

const THREE = store(Object.fromEntries(IDS.map((id) => [id, encodeRun(run(id))])));

/** Message, hint and notes. */
function mistakeOf(name: string, runs = THREE): (string | string[] | undefined)[] {
  try {
    selectRun(runs, name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [{ message, hint, notes }] = error.diagnostics;
    return [message, hint, notes];
  }
  return [];
}

Deno.test("a run is found by its id, the beginning of it, and by how long ago it was", () => {
  const found = (name: string) => selectRun(THREE, name).id;
  assert.equal(found(IDS[1]), IDS[1]);
  assert.equal(found("20261126-201531"), IDS[2]);
  assert.equal(found("20261125"), IDS[0]);
  assert.deepEqual(["last", "last~0", "last~1", "last~2"].map(found), [
    IDS[2],
    IDS[2],
    IDS[1],
    IDS[0],
  ]);
});

Deno.test("a run that is not there is told with those that are", () => {
  const newest = [...IDS].reverse().map((id) => `${id}  pipelines/p.yaml`);
  assert.deepEqual(mistakeOf("last~3"), [
    'there is no run "last~3": the store has 3 runs',
    undefined,
    [`the oldest is last~2, ${IDS[0]}`],
  ]);
  assert.deepEqual(mistakeOf("20261126"), [
    '"20261126" is the beginning of 2 runs',
    undefined,
    newest.slice(0, 2),
  ]);
  assert.deepEqual(mistakeOf("20261126-201531-aaab"), [
    'there is no run "20261126-201531-aaab"',
    'did you mean "20261126-201531-aaaa"?',
    ["expected last, last~1, …, a tag, or the id of a run, or its beginning:", ...newest],
  ]);
  assert.equal(
    mistakeOf("last", store({}))[0],
    'there is no run "last": nothing was run yet in the store /store',
  );
});

Deno.test("a manifest of another form is no run of ours", () => {
  const texts = { [IDS[0]]: encodeRun(run(IDS[0])), [IDS[1]]: '{"format":2}', [IDS[2]]: "{" };
  assert.equal(selectRun(store(texts), "last").id, IDS[0]);
  assert.deepEqual(mistakeOf(IDS[2], store(texts)), [
    `Cannot read the run ${IDS[2]}: its manifest was changed, or another version wrote it`,
    undefined,
    [`look at /store/runs/${IDS[2]}.json`],
  ]);
});
