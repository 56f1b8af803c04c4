import assert from "node:assert/strict";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import { createPlanContext, planInstance, planPipeline } from "../../../runner/plan/plan.ts";
import type { PlannedStage } from "../../../runner/plan/record.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { instance, pipeline } from "./instances.ts";
import { runTiny } from "./run_tiny.ts";

const data = instance({ id: "data", params: { n: 1 } });
const small = instance({ id: "small", inputs: { from: [{ id: "data", output: "made" }] } });
const test = instance({ id: "test", inputs: { from: [{ id: "small", output: "made" }] } });

/** A project with one stage file, a store, and commands on pipelines of instances. */
function project() {
  const temp = testFolder({ "stages/make.ts": "export default 1;" });
  const store = Store.open(`${temp.path}/.store`);
  const context = (stages: StageInstance[], version = "1") =>
    createPlanContext({
      store,
      project: temp.path,
      pipeline: pipeline(stages),
      runtime: { backend: "wasm", version },
    });
  return {
    ...temp,
    store,
    plan: async (stages: StageInstance[]) =>
      (await planPipeline(pipeline(stages), await context(stages))).map(summary),
    run: async (stages: StageInstance[], make?: (instance: StageInstance) => string) =>
      (await runTiny(pipeline(stages), await context(stages), make)).map(summary),
  };
}

function summary({ instance: { id }, status, reason }: PlannedStage): string {
  return `${id}: ${status}, ${reason}`;
}

Deno.test("a fresh store plans the first stages and lets the others wait", async () => {
  using dir = project();
  assert.deepEqual(await dir.plan([data, small, test]), [
    "data: would-run, never run before",
    "small: unknown, waits for data",
    "test: unknown, waits for small",
  ]);
});

Deno.test("after a run all is stored, also for a pipeline of another name", async () => {
  using dir = project();
  await dir.run([data, small, test]);
  assert.deepEqual(await dir.plan([data, small, test]), [
    "data: hit, nothing changed",
    "small: hit, nothing changed",
    "test: hit, nothing changed",
  ]);
  assert.deepEqual(await dir.plan([{ ...data, id: "renamed" }]), [
    "renamed: hit, same as data of tiny",
  ]);
});

Deno.test("a changed parameter is told, and what is behind it waits", async () => {
  using dir = project();
  await dir.run([data, small, test]);
  assert.deepEqual(await dir.plan([{ ...data, params: { n: 2 } }, small, test]), [
    "data: would-run, params.n 1 → 2",
    "small: unknown, waits for data",
    "test: unknown, waits for small",
  ]);
});

Deno.test("what has changed of a waiting stage itself is told too", async () => {
  using dir = project();
  await dir.run([data, small, test]);
  const changed = { params: { n: 2 } };
  assert.deepEqual(await dir.plan([{ ...data, ...changed }, { ...small, ...changed }, test]), [
    "data: would-run, params.n 1 → 2",
    "small: unknown, waits for data; params.n = 2 is new",
    "test: unknown, waits for small",
  ]);
});

Deno.test("a stage that makes the same bytes again leaves what is behind it stored", async () => {
  using dir = project();
  const same = ({ id }: StageInstance) => id;
  await dir.run([data, small, test], same);
  assert.deepEqual(await dir.run([{ ...data, params: { n: 2 } }, small, test], same), [
    "data: would-run, params.n 1 → 2",
    "small: hit, nothing changed",
    "test: hit, nothing changed",
  ]);
});

Deno.test("a stage whose input came out different says so", async () => {
  using dir = project();
  await dir.run([data, small, test]);
  assert.deepEqual(await dir.run([{ ...data, params: { n: 2 } }, small, test]), [
    "data: would-run, params.n 1 → 2",
    "small: would-run, input from (from data): 1 file changed (made.txt)",
    "test: would-run, input from (from small): 1 file changed (made.txt)",
  ]);
});

Deno.test("a change of code is told by module, and undone it is a hit again", async () => {
  using dir = project();
  await dir.run([data]);
  dir.write({ "stages/make.ts": 'import "./part.ts"; export default 2;', "stages/part.ts": "" });
  assert.deepEqual(await dir.plan([data]), [
    "data: would-run, code: stages/make.ts changed; code: stages/part.ts added",
  ]);
  dir.write({ "stages/make.ts": "/** Prose. */ export default 1;" });
  assert.deepEqual(await dir.plan([data]), ["data: hit, nothing changed"]);
});

Deno.test("a changed file outside the store is told by its path", async () => {
  using dir = project();
  dir.write({ "photos/a.txt": "a" });
  const path = `${dir.path}/photos`;
  const stage = instance({
    id: "data",
    params: { path: "./photos" },
    externals: [{ at: ["path"], path }],
  });
  await dir.run([stage]);
  assert.deepEqual(await dir.plan([stage]), ["data: hit, nothing changed"]);
  dir.write({ "photos/b.txt": "b" });
  assert.deepEqual(await dir.plan([stage]), [
    `data: would-run, params.path: ${path}: 1 file added (b.txt)`,
  ]);
});

Deno.test("a damaged result is told, and made again it is a hit", async () => {
  using dir = project();
  await dir.run([data, small]);
  const [first] = await dir.store.remembered("tiny").values();
  const tree = dir.store.getRecord(first)?.outputs.made ?? "";
  const name = `objects/${tree.slice(0, 2)}/${tree}`;
  Deno.removeSync(`${dir.store.folder}/${name}`);
  assert.deepEqual(await dir.plan([data, small]), [
    `data: would-run, its stored result was damaged: ${name} is missing`,
    "small: unknown, waits for data",
  ]);
  await dir.run([data, small]);
  assert.deepEqual(await dir.plan([data, small]), [
    "data: hit, nothing changed",
    "small: hit, nothing changed",
  ]);
});

Deno.test("a lost record is told", async () => {
  using dir = project();
  await dir.run([data]);
  const [key] = dir.store.remembered("tiny").values();
  Deno.removeSync(`${dir.store.folder}/actions/${key.slice(0, 2)}/${key}.json`);
  assert.deepEqual(await dir.plan([data]), ["data: would-run, its stored result is gone"]);
  assert.deepEqual(await dir.plan([{ ...data, params: {} }]), [
    "data: would-run, its earlier result is gone, so what changed is not known",
  ]);
});

Deno.test("differences are told against the last success, restored ones included", async () => {
  using dir = project();
  const with_ = (n: number) => [{ ...data, params: { n } }];
  await dir.run(with_(1));
  await dir.run(with_(2));
  await dir.run(with_(1)); // a hit
  assert.deepEqual(await dir.plan(with_(3)), ["data: would-run, params.n 1 → 3"]);
});

Deno.test("what changes while a stage runs is noticed", async () => {
  using dir = project();
  dir.write({ "photos/a.txt": "a" });
  const path = `${dir.path}/photos`;
  const stage = instance({
    id: "data",
    params: { path: "./photos", n: 1 },
    externals: [{ at: ["path"], path }],
  });
  const context = await createPlanContext({
    store: dir.store,
    project: dir.path,
    pipeline: pipeline([stage]),
    runtime: { backend: "wasm", version: "1" },
  });
  const planned = planInstance(stage, new Map(), context);
  assert(planned.status === "would-run" && context.changedSince);
  const changed = () => context.changedSince?.(stage, planned.material);

  assert.equal(await changed(), undefined);
  dir.write({ "stages/make.ts": "export default 1; // prose" });
  assert.equal(await changed(), undefined);
  dir.write({ "stages/make.ts": "export default 2;" });
  assert.equal(await changed(), "code: stages/make.ts changed");
  dir.write({ "photos/a.txt": "b" });
  assert.equal(
    await changed(),
    `params.path: ${path}: 1 file changed (a.txt); code: stages/make.ts changed`,
  );
});

Deno.test("planning changes nothing on the disk but caches", async () => {
  using dir = project();
  using store = Store.open(`${dir.path}/elsewhere`, { write: false });
  const stages = pipeline([data, small]);
  const context = await createPlanContext({
    store,
    project: dir.path,
    pipeline: stages,
    runtime: { backend: "wasm", version: "1" },
  });
  await planPipeline(stages, context);
  assert.throws(() => Deno.statSync(`${dir.path}/elsewhere`), Deno.errors.NotFound);
});
