import assert from "node:assert/strict";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import type { KeyMaterial, PlannedStage } from "../../../runner/plan/record.ts";
import { chooseWave } from "../../../runner/manifests/wave.ts";
import { instance } from "../execute/instance.ts";

const MATERIAL: KeyMaterial = {
  format: 1,
  stage: { name: "it", version: 1 },
  code: {},
  params: {},
  inputs: {},
  runtime: {},
};

function ready(
  id: string,
  key = id,
  given: Partial<Pick<StageInstance, "resources">> = {},
): PlannedStage {
  const reason = "never run before";
  return { instance: instance(id, given), status: "would-run", key, material: MATERIAL, reason };
}

function waiting(id: string, ...waitsFor: string[]): PlannedStage {
  const reason = `waits for ${waitsFor.join(" and ")}`;
  return { instance: instance(id), status: "unknown", waitsFor, material: MATERIAL, reason };
}

function choose(plan: PlannedStage[], mostNeeds: number, slots: Record<string, number> = {}) {
  const { now, later } = chooseWave(plan, { mostNeeds, slots });
  return {
    now: now.map(({ planned, needs }) => [planned.instance.id, ...needs]),
    later: later.map(({ id, why }) => `${id} ${why}`),
  };
}

Deno.test("where jobs know nothing of each other, what waits for one waits for the next time", () => {
  const plan = [ready("a"), ready("b"), waiting("c", "a"), waiting("d", "c", "b")];
  assert.deepEqual(choose(plan, 0), {
    now: [["a"], ["b"]],
    later: ["c waits for a", "d waits for c and b"],
  });
});

Deno.test("where jobs can wait, all are there at once, each with those that it needs", () => {
  const plan = [ready("a"), ready("b"), waiting("c", "a"), waiting("d", "c", "b")];
  assert.deepEqual(choose(plan, 20), {
    now: [["a"], ["b"], ["c", "a"], ["d", "c", "b"]],
    later: [],
  });
});

Deno.test("a job that would wait for more than it can, and what waits for it, come later", () => {
  const plan = [ready("a"), ready("b"), ready("c"), waiting("d", "a", "b", "c"), waiting("e", "d")];
  assert.deepEqual(choose(plan, 2), {
    now: [["a"], ["b"], ["c"]],
    later: ["d waits for 3 jobs, and a job can wait for 2 at most", "e waits for d"],
  });
});

Deno.test("stages with one key are one job, for which others wait once", () => {
  const plan = [
    ready("a", "k"),
    ready("twin", "k"),
    waiting("c", "a", "twin"),
    waiting("d", "twin"),
  ];
  assert.deepEqual(choose(plan, 20), { now: [["a"], ["c", "a"], ["d", "a"]], later: [] });
});

Deno.test("of stages that share a slot or a mutex only so many are there together", () => {
  const disk = { resources: { cpu: 64, gpu: 8, slots: { disk: 1 } } };
  const alone = { resources: { cpu: 1, gpu: 0, mutex: ["licence"] } };
  const plan = [
    ...["a", "b", "c"].map((id) => ready(id, id, disk)),
    ...["d", "e"].map((id) => ready(id, id, alone)),
  ];
  assert.deepEqual(choose(plan, 20, { disk: 2 }), {
    now: [["a"], ["b"], ["d"]],
    later: ["c waits for its slot", "e waits for its slot"],
  });
});
