/**
 * What extends the six settings shares their work: in the same stages, code, params and inputs, so
 * that results of a task's own pipeline are found in the cache.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageInstance } from "../../runner/pipeline/instance.ts";
import { loadPipeline } from "../../runner/pipeline/load.ts";
import { testFolder } from "../helpers/folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

const BASE = { det: "det_coco", seg: "seg_voc", cls: "cls_cars" };
const DATA = { det: "embedded", seg: "embedded_masks", cls: "embedded_classes" };

/** Both in one pipeline, in which stages that would do the same work are one. */
async function beside(base: string, other: string): Promise<StageInstance[]> {
  using folder = testFolder();
  folder.write({
    "both.yaml": `
include:
  base: { pipeline: "${join(ROOT, `pipelines/${base}.yaml`)}" }
  other: { pipeline: "${join(ROOT, `pipelines/${other}.yaml`)}" }
`,
  });
  return (await loadPipeline({ file: join(folder.path, "both.yaml"), root: ROOT })).stages;
}

/** Stages of `base` by the names that they have in `other`. */
function shared(stages: readonly StageInstance[]): Record<string, string> {
  return Object.fromEntries(
    stages.flatMap(({ id, aliases }) =>
      aliases.filter((alias) => alias.startsWith("other/") && id.startsWith("base/"))
        .map((alias) => [alias.slice("other/".length), id.slice("base/".length)])
    ),
  );
}

for (const task of ["det", "seg", "cls"] as const) {
  const base = BASE[task];
  const data = [...new Set(["embedded", DATA[task]])];

  Deno.test(`${task}_ablation takes from ${base} what is the same, of the seed that it has`, async () => {
    const stages = await beside(base, `${task}_ablation`);
    assert.deepEqual(shared(stages), {
      ...Object.fromEntries(data.map((name) => [`${name}/1`, name])),
      "backbone/1": "backbone",
      "sr/4/edsr_light/1": "sr/4/edsr_light",
      "sr4ir/4/edsr_light/1/published": "sr4ir/4/edsr_light",
      "h2t/1": "h2t",
      "evaluate_hr/1": "evaluate_hr",
      "evaluate_sr/sr4ir/4/edsr_light/1/published": "evaluate_sr/sr4ir/4/edsr_light",
    });
    const own = stages.filter(({ id }) => id.startsWith("other/sr4ir/"));
    assert.equal(own.length, 6 * 3 - 1);
  });

  Deno.test(`${task}_label_free takes all six settings of ${base}`, async () => {
    const stages = await beside(base, `${task}_label_free`);
    const names = Object.values(shared(stages));
    const rest = stages.filter(({ id }) => id.startsWith("base/"))
      .map(({ id }) => id.slice("base/".length)).filter((id) => !names.includes(id));
    assert.deepEqual(rest, ["compare"]);
    const free = stages.filter(({ uses }) => uses === "train_label_free");
    assert.equal(free.length, 2 * 3);
    for (const { inputs } of free) {
      assert.match(inputs.images[0].id, /embedded(\/\d)?$/);
      assert.equal(inputs.images[0].output, "pool");
    }
  });
}

Deno.test("seeds are a param", async () => {
  const { stages } = await loadPipeline({
    file: join(ROOT, "pipelines/det_ablation.yaml"),
    root: ROOT,
    sets: ["seeds=[7]", "ablations=[published, no_tdp]"],
  });
  const trainings = stages.filter(({ uses }) => uses === "train").map(({ id }) => id);
  assert.deepEqual(trainings, [
    "sr4ir/4/edsr_light/7/published",
    "sr4ir/4/edsr_light/7/no_tdp",
    "h2t/7",
  ]);
});

Deno.test("each ablation changes one thing of SR4IR as it is published", async () => {
  const { stages } = await loadPipeline({
    file: join(ROOT, "pipelines/det_ablation.yaml"),
    root: ROOT,
    sets: ["seeds=[1]"],
  });
  const params = (name: string) =>
    stages.find(({ id }) => id === `sr4ir/4/edsr_light/1/${name}`)?.params ?? {};
  const published = params("published");
  const changed = (name: string) =>
    Object.entries(params(name)).filter(([key, value]) =>
      JSON.stringify(value) !== JSON.stringify(published[key])
    );
  const weights = { pixel: 1, task: 1, tdp: 1, sr: 0.34, hr: 0.34, cqmix: 0.34 };
  assert.deepEqual(published.weights, weights);
  assert.deepEqual(changed("no_tdp"), [["weights", { ...weights, tdp: 0 }]]);
  assert.deepEqual(changed("l2_tdp"), [["tdp_criterion", "l2"]]);
  assert.deepEqual(changed("no_cqmix"), [
    ["weights", { ...weights, sr: 0.51, hr: 0.51, cqmix: 0 }],
  ]);
  assert.deepEqual(changed("no_hr"), [["weights", { ...weights, sr: 0.51, hr: 0, cqmix: 0.51 }]]);
  assert.deepEqual(changed("joint"), [["updates", "joint"]]);
});

Deno.test("the control differs from S without labels in the perceptual loss alone", async () => {
  const { stages } = await loadPipeline({
    file: join(ROOT, "pipelines/det_label_free.yaml"),
    root: ROOT,
    sets: ["seeds=[1]"],
  });
  const params = (by: string) =>
    stages.find(({ id }) => id === `label_free/${by}/4/edsr_light/1`)
      ?.params ?? {};
  assert.deepEqual(params("tdp").weights, { pixel: 1, tdp: 0.3 });
  assert.deepEqual({ ...params("pixels"), weights: null }, { ...params("tdp"), weights: null });
  assert.deepEqual(params("pixels").weights, { pixel: 1, tdp: 0 });
});
