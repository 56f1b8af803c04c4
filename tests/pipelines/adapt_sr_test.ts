/**
 * `adapt_sr.yaml`: what it shares with the detector's own pipeline, and what a person's network and
 * pictures put in the place of what.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageInstance } from "../../runner/pipeline/instance.ts";
import { loadPipeline } from "../../runner/pipeline/load.ts";
import { testFolder } from "../helpers/folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");
const FILE = join(ROOT, "pipelines/adapt_sr.yaml");

async function stagesOf(...sets: string[]): Promise<StageInstance[]> {
  return (await loadPipeline({ file: FILE, root: ROOT, sets })).stages;
}

/** Where an input of a stage comes from. */
function source(stages: readonly StageInstance[], id: string, input: string): string {
  const [from] = stages.find((stage) => stage.id === id)!.inputs[input];
  return `${from.id}.${from.output}`;
}

Deno.test("without --set the work of det_coco and of det_label_free is taken", async () => {
  using folder = testFolder();
  folder.write({
    "all.yaml": `
include:
  base: { pipeline: "${join(ROOT, "pipelines/det_coco.yaml")}" }
  free: { pipeline: "${join(ROOT, "pipelines/det_label_free.yaml")}" }
  own: { pipeline: "${FILE}" }
`,
  });
  const { stages } = await loadPipeline({ file: join(folder.path, "all.yaml"), root: ROOT });
  const shared = Object.fromEntries(
    stages.flatMap(({ id, aliases }) =>
      aliases.filter((alias) => alias.startsWith("own/")).map((alias) => [alias, id])
    ),
  );
  assert.deepEqual(shared, {
    "own/embedded": "base/embedded",
    "own/backbone": "base/backbone",
    "own/h2t": "base/h2t",
    "own/sr": "base/sr/4/edsr_light",
    "own/adapt": "free/label_free/tdp/4/edsr_light/1",
    "own/control": "free/label_free/pixels/4/edsr_light/1",
  });
});

Deno.test("a folder and files of weights take the place of what is drawn and trained", async () => {
  using folder = testFolder({ "photos/a.png": "", "T.pth": "", "S.pth": "" });
  const stages = await stagesOf(
    `data.path=${folder.path}/photos`,
    `task.weights=${folder.path}/T.pth`,
    `sr.weights=${folder.path}/S.pth`,
    "task.kind=segmentation",
    "task.network=segmentation/deeplab_v3_light",
  );
  assert.deepEqual(stages.map(({ id }) => id).sort(), [
    "adapt",
    "compare",
    "control",
    "parts",
    "pictures",
    "sr_weights",
    "task",
    "task_weights",
  ]);
  for (const id of ["adapt", "control"]) {
    assert.equal(source(stages, id, "images"), "parts.windows");
    assert.equal(source(stages, id, "sr"), "sr_weights.weights");
    assert.equal(source(stages, id, "task"), "task.model");
  }
  assert.equal(source(stages, "compare", "images"), "parts.held_out");
  assert.equal(source(stages, "compare", "before"), "sr_weights.weights");
});

Deno.test("the control differs in the weight of what T sees alone", async () => {
  const stages = await stagesOf("adapt.tdp=0.7");
  const [adapt, control] = ["adapt", "control"].map((name) =>
    stages.find(({ id }) => id === name)!
  );
  assert.deepEqual(adapt.params.weights, { pixel: 1, tdp: 0.7 });
  assert.deepEqual({ ...control.params, weights: adapt.params.weights }, adapt.params);
  assert.deepEqual(control.params.weights, { pixel: 1, tdp: 0 });
  assert.deepEqual(control.inputs, adapt.inputs);
});

Deno.test("a network of a task without labels of its own is refused without weights", async () => {
  await assert.rejects(
    stagesOf("task.kind=segmentation", "task.network=segmentation/deeplab_v3_light"),
    /segmentation_dataset/,
  );
});
