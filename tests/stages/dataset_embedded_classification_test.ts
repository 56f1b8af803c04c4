import assert from "node:assert/strict";
import { readClassificationDataset } from "../../ml/data/classification_dataset.ts";
import { decode } from "../../ml/image/codec.ts";
import stage from "../../stages/dataset_embedded_classification.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";
import { content } from "./folder_content.ts";

async function drawn(params = {}) {
  const dir = await temporaryFolder();
  const { told, context } = await fakeContext(
    dir.path,
    (at) => ({ train: at("train"), val: at("val") }),
  );
  await stage.run({ ...context, params: stage.params.parse({ train: 40, val: 2, ...params }) });
  return {
    outputs: context.outputs,
    progress: told.progress,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

Deno.test("every picture has one class, and all classes occur", async () => {
  await using data = await drawn();
  const { classes, samples } = await readClassificationDataset(data.outputs.train);
  assert.deepEqual(classes, ["A", "H", "M", "O", "U", "W", "X", "8"]);
  assert.equal(samples.length, 40);
  for (const { file, width, height } of samples) {
    const picture = await decode(file);
    assert.deepEqual([width, height, picture.width, picture.height], [40, 40, 40, 40]);
  }
  const labels = new Set(samples.map(({ label }) => label));
  assert.deepEqual([...labels].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal((await readClassificationDataset(data.outputs.val)).samples.length, 2);
  assert.deepEqual(data.progress, [42, 42]);
});

Deno.test("a seed changes the training pictures alone, and draws the same bytes again", async () => {
  await using one = await drawn();
  await using again = await drawn();
  await using two = await drawn({ seed: 2 });
  assert.deepEqual(await content(one.outputs.train), await content(again.outputs.train));
  assert.deepEqual(await content(one.outputs.val), await content(two.outputs.val));
  const [a, b] = [await content(one.outputs.train), await content(two.outputs.train)];
  for (const name of Object.keys(a)) assert.notDeepEqual(a[name], b[name], name);
});

Deno.test("720 training and 1,000 validation pictures, unless said", () => {
  assert.deepEqual(stage.params.parse({}), { seed: 1, train: 720, val: 1000 });
});
