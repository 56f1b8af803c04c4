import assert from "node:assert/strict";
import pico from "picocolors";
import type { PlanCost } from "../../../runner/explain/cost.ts";
import { estimateCost, simulate } from "../../../runner/explain/cost.ts";
import { renderCost } from "../../../runner/explain/cost_text.ts";
import { createPlanContext, planPipeline } from "../../../runner/plan/plan.ts";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { instance, pipeline } from "../plan/instances.ts";
import { runTiny } from "../plan/run_tiny.ts";

const on = (...ids: string[]) => ({ all: ids.map((id) => ({ id, output: "made" })) });
const machine = (cpu: number) => ({ cpu, memory: 2 ** 40, gpus: [], slots: {} });

Deno.test("simulate() starts what has the longest way behind it, within the processors", () => {
  const stages = [
    instance({ id: "data" }),
    instance({ id: "quick", inputs: on("data") }),
    instance({ id: "long", inputs: on("data") }),
    instance({ id: "wide", inputs: on("data"), resources: { cpu: 4, gpu: 0 } }),
    instance({ id: "end", inputs: on("quick", "long") }),
  ];
  const seconds: Record<string, number> = { data: 10, quick: 5, long: 20, wide: 3, end: 1 };
  const played = (cpu: number) => simulate(stages, (id) => seconds[id], machine(cpu));
  assert.equal(played(1), 39);
  assert.equal(played(2), 34); // `wide` takes both processors, alone
  assert.equal(simulate([], () => 1, machine(1)), 0);
});

Deno.test("estimateCost() goes by the last run, or by the most similar of the kind", async () => {
  using dir = testFolder({ "stages/make.ts": "export default 1;", "stages/new.ts": "" });
  const store = Store.open(`${dir.path}/.store`);
  const context = (stages: StageInstance[]) =>
    createPlanContext({
      store,
      project: dir.path,
      pipeline: pipeline(stages),
      runtime: { backend: "none", version: "" },
    });
  const before = [
    instance({ id: "data", params: { n: 1 } }),
    instance({ id: "small", inputs: { from: [{ id: "data", output: "made" }] } }),
  ];
  const took: Record<string, number> = { data: 100, small: 7 };
  await runTiny(pipeline(before), await context(before));
  for (const record of store.records()) {
    store.putRecord({ ...record, seconds: took[record.madeBy.id] });
  }
  const now = [
    instance({ id: "data", params: { n: 2 } }),
    before[1],
    instance({ id: "other", params: { n: 1, m: 1 } }),
    instance({ id: "twin", params: { n: 1, m: 1 } }),
    instance({ id: "fresh", uses: "new" }),
  ];
  const planned = await planPipeline(pipeline(now), await context(now));
  assert.deepEqual(estimateCost(planned, await context(now), machine(2)), {
    stages: [
      { id: "data", seconds: 100, by: "last", uncertain: false },
      { id: "small", seconds: 7, by: "last", uncertain: true },
      { id: "other", seconds: 100, by: "similar", uncertain: false },
      { id: "fresh", uncertain: false },
    ],
    atLeast: { work: 200, elapsed: 100 },
    atMost: { work: 207, elapsed: 107 },
    jobs: 2,
  });
});

Deno.test("the cost is told stage by stage, with what is not known", () => {
  const cost: PlanCost = {
    stages: [
      { id: "data", seconds: 100, by: "last", uncertain: false },
      { id: "small", seconds: 7, by: "similar", uncertain: true },
      { id: "fresh", uncertain: false },
    ],
    atLeast: { work: 100, elapsed: 100 },
    atMost: { work: 107, elapsed: 105 },
    jobs: 2,
  };
  assert.equal(
    renderCost(cost, pico.createColors(false)),
    `
Cost
  stage  takes       estimated by
  ─────────────────────────────────────────────────
  data   1 min 40 s  its last run
  small  7.0 s       a similar stage; may be stored
  fresh  ?           nothing, never run

at least 1 min 40 s of work, 1 min 40 s with 2 processors
at most 1 min 47 s of work, 1 min 45 s with 2 processors
and what fresh takes: none of the kind was run yet
`,
  );
});
