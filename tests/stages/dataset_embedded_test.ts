import assert from "node:assert/strict";
import { readClassCrops } from "../../ml/data/class_crops.ts";
import { readDetectionDataset } from "../../ml/data/detection_dataset.ts";
import { listImages } from "../../ml/data/image_batches.ts";
import { decode } from "../../ml/image/codec.ts";
import stage from "../../stages/dataset_embedded.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";
import { content } from "./folder_content.ts";

const SMALL = { train: 3, val: 2, pool: 4, crops: 12 };

async function drawn(params = {}) {
  const dir = await temporaryFolder();
  const { told, context } = await fakeContext(dir.path, (at) => ({
    train: at("train"),
    val: at("val"),
    pool: at("pool"),
    crops: at("crops"),
  }));
  await stage.run({ ...context, params: stage.params.parse({ ...SMALL, ...params }) });
  return {
    outputs: context.outputs,
    progress: told.progress,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

Deno.test("the embedded dataset has the asked numbers of pictures", async () => {
  await using data = await drawn();
  const train = await readDetectionDataset(data.outputs.train);
  assert.deepEqual(train.classes, ["background", "A", "H", "M", "O", "U", "W", "X", "8"]);
  assert.equal(train.samples.length, 3);
  const [{ file, boxes, labels, width }] = train.samples;
  assert.equal(boxes.length, labels.length * 4);
  assert.deepEqual([(await decode(file)).width, width], [96, 96]);
  assert.equal((await readDetectionDataset(data.outputs.val)).samples.length, 2);
  assert.equal((await listImages(data.outputs.pool)).length, 4);
  const crops = await readClassCrops(data.outputs.crops);
  assert.equal(crops.classes.join(""), "AHMOUWX8YVTI");
  assert.deepEqual([crops.files.length, crops.labels.length], [12, 12]);
  assert.deepEqual((await decode(crops.files[11])).width, 32);
  assert.deepEqual(data.progress, [21, 21]);
});

Deno.test("the same seed draws the same bytes, and a larger number the same first pictures", async () => {
  await using one = await drawn();
  await using two = await drawn({ pool: 5 });
  for (const output of ["train", "val", "crops"] as const) {
    assert.deepEqual(await content(one.outputs[output]), await content(two.outputs[output]));
  }
  const first = (folder: string) => Deno.readFile(`${folder}/images/0.png`);
  assert.deepEqual(await first(one.outputs.pool), await first(two.outputs.pool));
});

Deno.test("another seed draws other pictures, except those that results are compared on", async () => {
  await using one = await drawn({ seed: 1 });
  await using two = await drawn({ seed: 2 });
  assert.deepEqual(await content(one.outputs.val), await content(two.outputs.val));
  for (const output of ["train", "pool", "crops"] as const) {
    const [a, b] = [await content(one.outputs[output]), await content(two.outputs[output])];
    for (const name of Object.keys(a).filter((name) => name.startsWith("images/"))) {
      assert.notDeepEqual(a[name], b[name], `${output}/${name}`);
    }
  }
});

Deno.test("drawing stops when it is told to", async () => {
  await using dir = await temporaryFolder();
  const { context } = await fakeContext(dir.path, (at) => ({
    train: at("train"),
    val: at("val"),
    pool: at("pool"),
    crops: at("crops"),
  }));
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(stage.run({ ...context, signal, params: stage.params.parse(SMALL) }), {
    message: "stopped",
  });
});
