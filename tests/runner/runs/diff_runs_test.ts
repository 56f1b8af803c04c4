import assert from "node:assert/strict";
import pico from "picocolors";
import type { ActionRecord } from "../../../runner/plan/record.ts";
import { diffRuns } from "../../../runner/runs/diff_runs.ts";
import { renderDiff } from "../../../runner/runs/diff_text.ts";
import type { RunRecord } from "../../../runner/runs/run_record.ts";
import { record } from "../store/sample.ts";
import { ran, run } from "./samples.ts";

const before = run("20261125-201530-k3f9", {
  params: { seed: 1, train: { rate: 0.1 } },
  stages: [
    ran("data"),
    ran("test", { key: "old", metrics: { AP: 47.5, PSNR: null, gone: 1 } }),
    ran("dropped"),
    ran("late", { key: null, status: "failed" }),
    ran("odd", { metrics: { AP: 1 } }),
    ran("lost", { key: "nowhere" }),
  ],
});

const now = run("20261126-201530-k3f9", {
  params: { seed: 2, train: { rate: 0.1 } },
  host: { name: "there", cpu: "any", os: "linux" },
  stages: [
    ran("data", { status: "hit", aliases: ["copy"] }),
    ran("test", { key: "new", metrics: { AP: 48.25, PSNR: 30, fresh: 2 } }),
    ran("added"),
    ran("late", { key: "new" }),
    ran("odd", { metrics: { AP: 2 } }),
    ran("lost", { key: "elsewhere" }),
  ],
});

function peek(key: string): ActionRecord | undefined {
  const { material, ...rest } = record("tree");
  if (key === "old") return { ...rest, material };
  return key === "new" ? { ...rest, material: { ...material, params: { n: 2 } } } : undefined;
}

const text = (a: RunRecord, b: RunRecord) =>
  renderDiff(diffRuns(a, b, peek), pico.createColors(false));

Deno.test("two runs are compared stage by stage", () => {
  assert.equal(
    text(before, now),
    `
20261125-201530-k3f9 → 20261126-201530-k3f9
  host here → there
  params.seed 1 → 2

test
  params.n 1 → 2
  AP     47.5 → 48.25  (+0.75)
  PSNR   – → 30
  fresh  – → 2
  gone   1 → –

added  only in the second run

late  failed → ran
  it was not done in both runs, so what it was made of cannot be compared

odd
  made of the same, and yet its metrics differ
  AP  1 → 2  (+1)

lost
  a record is gone, so what its results were made of cannot be compared

dropped  only in the first run

1 stage is the same
`.trimStart(),
  );
});

Deno.test("the JSON form has every field that differs", () => {
  const { stages, ...diff } = diffRuns(before, now, peek);
  assert.deepEqual(diff, {
    before: before.id,
    now: now.id,
    facts: [{ name: "host", before: "here", now: "there" }],
    params: [{ name: "seed", before: 1, now: 2 }],
    same: 1,
  });
  assert.deepEqual(stages[0], {
    id: "test",
    before: "ran",
    now: "ran",
    differences: [{ kind: "param", name: "n", before: 1, now: 2 }],
    metrics: [
      { name: "AP", before: 47.5, now: 48.25, delta: 0.75 },
      { name: "PSNR", before: null, now: 30 },
      { name: "fresh", now: 2 },
      { name: "gone", before: 1 },
    ],
  });
});

Deno.test("a stage that another stands for in one run is compared with that one", () => {
  const aliased = { ...before, stages: [ran("data", { aliases: ["copy"] })] };
  const alone = { ...before, stages: [ran("copy", { key: "key of data" })] };
  assert.deepEqual(diffRuns(aliased, alone, peek).stages, []);
  assert.deepEqual(diffRuns(alone, aliased, peek).stages, []);
});
