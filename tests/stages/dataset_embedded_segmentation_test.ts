import assert from "node:assert/strict";
import { readSegmentationDataset } from "../../ml/data/segmentation_dataset.ts";
import { decode } from "../../ml/image/codec.ts";
import { decodeMask } from "../../ml/image/mask.ts";
import stage from "../../stages/dataset_embedded_segmentation.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";
import { content } from "./folder_content.ts";

async function drawn(params = {}) {
  const dir = await temporaryFolder();
  const { told, context } = await fakeContext(
    dir.path,
    (at) => ({ train: at("train"), val: at("val") }),
  );
  await stage.run({ ...context, params: stage.params.parse({ train: 12, val: 2, ...params }) });
  return {
    outputs: context.outputs,
    progress: told.progress,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

Deno.test("every picture has a mask of its size, and all letters occur", async () => {
  await using data = await drawn();
  const { classes, samples } = await readSegmentationDataset(data.outputs.train);
  assert.deepEqual(classes, ["background", "A", "H", "M", "O", "U", "W", "X", "8"]);
  assert.equal(samples.length, 12);
  const values = new Set<number>();
  for (const { file, mask, width, height } of samples) {
    const picture = await decode(file);
    const { data, ...size } = await decodeMask(mask);
    assert.deepEqual([width, height, picture.width, picture.height], [96, 96, 96, 96]);
    assert.deepEqual(size, { width: 96, height: 96 });
    data.forEach((value) => values.add(value));
  }
  assert.deepEqual([...values].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal((await readSegmentationDataset(data.outputs.val)).samples.length, 2);
  assert.deepEqual(data.progress, [14, 14]);
});

Deno.test("a seed changes the training pictures alone, and draws the same bytes again", async () => {
  await using one = await drawn();
  await using again = await drawn();
  await using two = await drawn({ seed: 2 });
  assert.deepEqual(await content(one.outputs.train), await content(again.outputs.train));
  assert.deepEqual(await content(one.outputs.val), await content(two.outputs.val));
  const [a, b] = [await content(one.outputs.train), await content(two.outputs.train)];
  for (const name of Object.keys(a).filter((name) => name.startsWith("masks/"))) {
    assert.notDeepEqual(a[name], b[name], name);
  }
});

Deno.test("240 training and 250 validation pictures, unless said", () => {
  assert.deepEqual(stage.params.parse({}), { seed: 1, train: 240, val: 250 });
});
