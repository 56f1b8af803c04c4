import assert from "node:assert/strict";
import pico from "picocolors";
import { makeExperiment, newestOfEach } from "../../../runner/runs/experiment.ts";
import {
  experimentCsv,
  mainMetrics,
  renderExperiment,
} from "../../../runner/runs/experiment_text.ts";
import { ran, run } from "./samples.ts";

/** Three seeds of two learning rates, two settings each. */
const RUNS = [
  [0.1, 1, 30.0, 20],
  [0.1, 2, 31.0, 21],
  [0.1, 3, 32.0, 19],
  [0.2, 1, 40.0, 20],
  [0.2, 2, 41.0, 22],
  [0.2, 3, 42.5, 21],
].map(([rate, seed, sr4ir, plain], i) =>
  run(`20261126-20153${i}-k3f9`, {
    params: { seed, train: { rate, epochs: 3 } },
    stages: [
      ran("data"),
      ran("evaluate/4/sr4ir", { metrics: { AP: sr4ir, PSNR: null } }),
      ran("evaluate/4/l2t", { metrics: { AP: plain, PSNR: 28 } }),
    ],
  })
);

Deno.test("an experiment has the params that differ, and all metrics", () => {
  const { params, metrics, runs } = makeExperiment(RUNS.slice(2, 4));
  assert.deepEqual(params, ["seed", "train.rate"]);
  assert.deepEqual(metrics, [
    { stage: "evaluate/4/sr4ir", uses: "evaluate", name: "AP" },
    { stage: "evaluate/4/sr4ir", uses: "evaluate", name: "PSNR" },
    { stage: "evaluate/4/l2t", uses: "evaluate", name: "AP" },
    { stage: "evaluate/4/l2t", uses: "evaluate", name: "PSNR" },
  ]);
  assert.deepEqual(runs[1].params, { seed: 1, "train.rate": 0.2 });
  assert.deepEqual(runs[1].metrics["evaluate/4/l2t"], { AP: 20, PSNR: 28 });
});

Deno.test("seeds become means, and differences are held against their spread", () => {
  const experiment = makeExperiment(RUNS);
  const text = renderExperiment(
    experiment,
    mainMetrics(experiment.metrics),
    pico.createColors(false),
  );
  const [table, means, differences] = text.split("\n\n");
  assert.equal(
    table.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-11-26 20:15").split("\n").slice(0, 4).join(
      "\n",
    ),
    `
6 runs
  run                   when              seed  train.rate  sr4ir AP  l2t AP
  ──────────────────────────────────────────────────────────────────────────
  20261126-201530-k3f9  2026-11-26 20:15     1         0.1      30.0      20
`.trim(),
  );
  assert.equal(
    means,
    `
Means over seeds
  train.rate  seeds  sr4ir AP    l2t AP
  ─────────────────────────────────────────
         0.1      3  31.0 ± 1.0  20.0 ± 1.0
         0.2      3  41.2 ± 1.3  21.0 ± 1.0
`.trim(),
  );
  assert.equal(
    differences,
    `
Differences, with 95 % intervals
  AP of evaluate/4/sr4ir: train.rate=0.2 41.2 ± 1.3
    over train.rate=0.1 31.0 ± 1.0: +10.2 ± 3.0, more than the spread
  AP of evaluate/4/l2t: train.rate=0.2 21.0 ± 1.0
    over train.rate=0.1 20.0 ± 1.0: +1.0 ± 2.3, within the spread
  AP, train.rate=0.1: evaluate/4/sr4ir 31.0 ± 1.0
    over evaluate/4/l2t 20.0 ± 1.0: +11.0 ± 2.3, more than the spread
  AP, train.rate=0.2: evaluate/4/sr4ir 41.2 ± 1.3
    over evaluate/4/l2t 21.0 ± 1.0: +20.2 ± 3.0, more than the spread
`.slice(1),
  );
});

Deno.test("one seed is told to be too few", () => {
  const experiment = makeExperiment([RUNS[0], RUNS[1], RUNS[3]]);
  const [same] = experiment.comparisons ?? [];
  assert.deepEqual(same, {
    between: "params",
    within: { stage: "evaluate/4/sr4ir" },
    metric: "AP",
    highest: { params: { "train.rate": 0.2 }, n: 1, mean: 40 },
    others: [{
      params: { "train.rate": 0.1 },
      n: 2,
      mean: 30.5,
      deviation: Math.SQRT1_2,
      difference: 9.5,
    }],
  });
});

Deno.test("without seeds there are no means", () => {
  const { groups, comparisons } = makeExperiment([RUNS[0], RUNS[3]]);
  assert.deepEqual([groups, comparisons], [undefined, undefined]);
});

Deno.test("a run again with the same seed is no other sample", () => {
  const again = { ...RUNS[0], id: "20261127-000000-k3f9" };
  const { groups } = makeExperiment([...RUNS, again]);
  assert.deepEqual(groups?.map(({ runs }) => runs.length), [3, 3]);
  assert.ok(groups?.[0].runs.includes(again.id));
});

Deno.test("of runs with equal params the newest that came to its end stands for all", () => {
  const failed = run("20261127-000000-k3f9", { status: "failed", params: { seed: 1 } });
  const ok = run("20261126-000000-k3f9", { params: { seed: 1 } });
  const old = run("20261125-000000-k3f9", { params: { seed: 1 } });
  const other = run("20261124-000000-k3f9", { status: "failed", params: { seed: 2 } });
  assert.deepEqual(newestOfEach([failed, ok, old, other]), [ok, other]);
});

Deno.test("CSV has every metric, quoted where need be", () => {
  const runs = [
    run("20261126-000000-k3f9", {
      params: { note: 'a "b", c', list: [1, 2] },
      stages: [ran("evaluate", { metrics: { AP: 0.5, PSNR: null } })],
    }),
    run("20261127-000000-k3f9", { status: "failed", params: { list: [1] } }),
  ];
  assert.equal(
    experimentCsv(makeExperiment(runs)),
    `
run,started,status,file,note,list,evaluate.AP,evaluate.PSNR
20261126-000000-k3f9,2026-11-26T20:15:30.000Z,ok,pipelines/p.yaml,"a ""b"", c","[1,2]",0.5,
20261127-000000-k3f9,2026-11-26T20:15:30.000Z,failed,pipelines/p.yaml,,[1],,
`.trimStart(),
  );
});
