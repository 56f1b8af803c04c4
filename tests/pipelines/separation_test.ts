/**
 * Tasks do not cost one another anything: what a training or an evaluation is known by holds no code
 * of another task, and no stage of detection, which was there first, any of a later one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadPipeline } from "../../runner/pipeline/load.ts";
import { readClosures } from "../../runner/plan/closure.ts";
import { Store } from "../../runner/store/store.ts";
import { testFolder } from "../helpers/folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

/** The files that are a task's own. */
const OWN: Record<string, RegExp> = {
  detection:
    /^(models\/detection\/|ml\/(tasks|evaluation)\/detection|ml\/data\/(detection|coco)|ml\/metrics\/coco)/,
  segmentation:
    /^(models\/segmentation\/|ml\/(tasks|evaluation)\/segmentation|ml\/data\/(segmentation|mask|embedded_masks)|ml\/image\/mask|ml\/metrics\/mean_iou)/,
  classification:
    /^(models\/classification\/|models\/backbones\/resnet|ml\/(tasks|evaluation)\/classification|ml\/data\/(classification|embedded_classes)|ml\/metrics\/accuracy)/,
};

const PIPELINES = { det_coco: "detection", seg_voc: "segmentation", cls_cars: "classification" };

for (const [name, task] of Object.entries(PIPELINES)) {
  Deno.test(`no training or evaluation of ${name} reaches code of another task`, async () => {
    const others = Object.keys(OWN).filter((other) => other !== task).map((other) => OWN[other]);
    for (const { id, uses, files } of await codeOf(name)) {
      if (uses !== "train" && uses !== "evaluate" && task !== "detection") continue;
      const foreign = files.filter((file) => others.some((own) => own.test(file)));
      assert.deepEqual(foreign, [], id);
      if (uses === "train") assert.ok(files.some((file) => OWN[task].test(file)), id);
    }
  });
}

Deno.test("one super-resolution network, trained once, serves the embedded dataset of every task", async () => {
  const trained = await Promise.all(
    Object.keys(PIPELINES).map(async (name) => {
      const { stages } = await load(name);
      const { params, inputs } = stages.find(({ uses }) => uses === "train_sr") ?? fail();
      const images = stages.find(({ id }) => id === inputs.images[0].id);
      return { params, output: inputs.images[0].output, from: images?.uses, made: images?.params };
    }),
  );
  assert.deepEqual(trained[1], trained[0]);
  assert.deepEqual(trained[2], trained[0]);
});

async function load(name: string) {
  return await loadPipeline({ file: join(ROOT, `pipelines/${name}.yaml`), root: ROOT });
}

/** The modules of this project that each stage reaches. */
async function codeOf(name: string): Promise<{ id: string; uses: string; files: string[] }[]> {
  using folder = testFolder({});
  const { stages } = await load(name);
  const entries = stages.map(({ uses, modules }) => ({ file: `stages/${uses}.ts`, modules }));
  const closures = await readClosures(ROOT, entries, Store.open(`${folder.path}/store`));
  return stages.map(({ id, uses }, i) => ({ id, uses, files: Object.keys(closures[i]) }));
}

function fail(): never {
  throw new Error("There is no such stage");
}
