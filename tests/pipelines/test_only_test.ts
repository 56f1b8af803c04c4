/**
 * `pipelines/test_only_*.yaml`: what they run, and that they measure as the trainings' files do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageInstance } from "../../runner/pipeline/instance.ts";
import { loadPipeline } from "../../runner/pipeline/load.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

async function stages(file: string, profile: string, sets: string[]) {
  const pipeline = await loadPipeline({
    file: join(ROOT, "pipelines", file),
    root: ROOT,
    profile,
    sets,
  });
  return new Map(pipeline.stages.map((stage) => [stage.id, stage]));
}

/** Any files will do: they are only looked at. */
const WEIGHTS = ["weights.task.file=deno.json", "weights.sr.file=README.md"];

const FILES = { det: "det_coco", seg: "seg_voc", cars: "cls_cars", cub200: "cls_cub200" };

for (const [name, trainings] of Object.entries(FILES)) {
  for (const profile of ["default", "paper"]) {
    Deno.test(`test_only_${name}, ${profile}: measures what ${trainings} measures, as it does`, async () => {
      const archive = "data.archive=deno.json";
      const tested = await stages(`test_only_${name}.yaml`, profile, [...WEIGHTS, archive]);
      const trained = await stages(`${trainings}.yaml`, profile, [archive]);
      assert.equal([...tested.values()].filter(({ uses }) => /train/.test(uses)).length, 0);

      const S = profile === "paper" ? "edsr" : "edsr_light";
      const measured = trained.get(`evaluate_sr/sr4ir/4/${S}`);
      const own = tested.get("evaluate");
      assert.ok(own !== undefined && measured !== undefined);
      assert.deepEqual(own.params, measured.params);
      assert.equal(own.resources.cpu, measured.resources.cpu);
      assert.deepEqual(dataset(tested, own), dataset(trained, measured));

      const training = trained.get(`sr4ir/4/${S}`);
      const [task, sr] = ["task", "sr"].map((id) => tested.get(id)?.params);
      assert.equal(task?.network, training?.params.network);
      assert.equal(sr?.network, `sr/${training?.params.sr_network}`);
    });
  }
}

Deno.test("settings without S ask for no weights of it", async () => {
  for (const setting of ["h2t", "l2t"]) {
    const found = await stages("test_only_det.yaml", "default", [...WEIGHTS, `setting=${setting}`]);
    assert.deepEqual([...found.keys()].sort(), [
      "compare",
      "embedded",
      "evaluate",
      "model",
      "task",
    ]);
  }
});

Deno.test("weights of S alone are measured by pictures, with the same border", async () => {
  const found = await stages("test_only_det.yaml", "default", ["weights.sr.file=README.md"]);
  assert.deepEqual([...found.keys()].sort(), ["embedded", "pictures", "sr"]);
  const both = await stages("test_only_det.yaml", "default", WEIGHTS);
  const psnr = both.get("evaluate")?.params.psnr;
  assert.deepEqual(psnr, { border: found.get("pictures")?.params.border, padding: true });
});

/** What the stage measures on. */
function dataset(stages: Map<string, StageInstance>, { inputs }: StageInstance) {
  const [{ id, output }] = inputs.data;
  const stage = stages.get(id);
  return { id, output, uses: stage?.uses, params: stage?.params };
}
