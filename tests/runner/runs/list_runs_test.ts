import assert from "node:assert/strict";
import pico from "picocolors";
import { renderRuns, shortName, summarizeRun } from "../../../runner/runs/list_runs.ts";
import { ran, run } from "./samples.ts";

Deno.test("shortName() keeps what tells a stage from the others", () => {
  const ids = [
    "evaluate_hr",
    "evaluate_lr/4",
    "evaluate_sr/s2t/4/edsr",
    "evaluate_sr/sr4ir/4/edsr",
  ];
  assert.deepEqual(ids.map((id) => shortName(id, ids)), [
    "evaluate_hr",
    "evaluate_lr",
    "s2t",
    "sr4ir",
  ]);
  const scales = ["evaluate/4", "evaluate/8", "test/4"];
  assert.deepEqual(scales.map((id) => shortName(id, scales)), ["evaluate/4", "8", "test"]);
});

Deno.test("the list shows the first metric of the last stages", () => {
  const stages = [
    ran("test/a", { metrics: { AP: 1, PSNR: 2 } }),
    ran("test/b", { metrics: { AP: null }, status: "hit" }),
    ran("test/c", { metrics: { AP: 0.123456 } }),
    ran("test/d", { metrics: { AP: 4 } }),
    ran("compare", { status: "failed" }),
  ];
  const text = renderRuns(
    [summarizeRun(run("20261126-201530-k3f9", { stages, status: "failed" }))],
    pico.createColors(false),
  );
  assert.match(
    text,
    / {2}10\.0 s {2}– {7}failed {4}3 {4}1 {7}1 {2}b AP –, c AP 0\.1235, d AP 4, and 1 more\n$/,
  );
});
