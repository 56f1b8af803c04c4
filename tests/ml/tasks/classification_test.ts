import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { writeSamples } from "../../../ml/data/samples.ts";
import { encodePng } from "../../../ml/image/codec.ts";
import { Params } from "../../../ml/nn/params.ts";
import { task } from "../../../ml/tasks/classification.ts";
import { stream } from "../../../ml/tensor/random.ts";
import * as light from "../../../models/classification/resnet_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { temporaryFolder } from "../data/temporary_folder.ts";
import { scene } from "../../models/detection/scene.ts";

/** Writes grey pictures of these sizes, of classes `cat` and `dog` in turn. */
async function writeDataset(folder: string, sizes: [width: number, height: number][]) {
  const samples = sizes.map(([width, height], i) => ({
    image: `${i}.png`,
    label: i % 2,
    width,
    height,
  }));
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  await writeSamples(folder, { classes: ["cat", "dog"], samples });
  for (const { image, width, height } of samples) {
    const data = new Uint8Array(width * height * 3).fill(128);
    await encodePng({ width, height, data }, `${folder}/images/${image}`);
  }
}

Deno.test("batches have one size where pictures have, or windows are cut", async () => {
  await using dir = await temporaryFolder();
  const uniform = async (resize: number | null, crop: number | null) =>
    (await task.open(dir.path, { use: "train", resize, crop })).uniform;
  await writeDataset(dir.path, [[16, 16], [16, 16]]);
  assert.equal(await uniform(null, null), true);
  await writeDataset(dir.path, [[16, 16], [20, 20]]);
  assert.equal(await uniform(null, null), false);
  assert.equal(await uniform(12, null), true);
  assert.equal(await uniform(null, 8), true);
  await writeDataset(dir.path, [[16, 16], [20, 16]]);
  assert.equal(await uniform(12, null), false);
});

testWithBackend("a dataset is trained on in windows, and seen whole or in its middle", async () => {
  await using dir = await temporaryFolder();
  await writeDataset(dir.path, [[16, 12], [12, 20], [16, 16]]);
  const cut = { resize: 12, crop: 8 };
  const train = await task.open(dir.path, { use: "train", ...cut });
  assert.deepEqual([train.classes, train.images], [["cat", "dog"], 3]);
  assert.deepEqual([train.iterationsPerEpoch(2), train.iterationsPerEpoch(3)], [1, 1]);
  for await (const batch of train.train({ batchSize: 2, seed: 1, scale: 4, start: 0 })) {
    assert.deepEqual(batch.images.shape, [2, 8, 8, 3]);
    assert.deepEqual([...batch.labels], [...batch.indices].map((i) => i % 2));
    batch.images.dispose();
    break;
  }
  const whole = await task.open(dir.path, { use: "evaluate", resize: null, crop: null });
  const sizes = [];
  for await (const { images, ...batch } of whole.evaluate({ batchSize: 1, scale: 4 })) {
    sizes.push(...batch.sizes);
    images.dispose();
  }
  assert.deepEqual(sizes, [[12, 16], [20, 12], [16, 16]]);
});

function network() {
  const p = Params.create(1);
  return { p, net: task.build(p, light, {}, 3) };
}

function batchOf(images: tf.Tensor4D) {
  const [B, H, W] = images.shape;
  return {
    images,
    sizes: Array.from({ length: B }, () => [H, W] as const),
    indices: Int32Array.from({ length: B }, (_, i) => i),
    labels: Int32Array.from({ length: B }, (_, i) => i % 3),
  };
}

const view = (images: tf.Tensor4D) => ({
  images,
  sampler: () => new Int32Array(),
  dropout: stream(1, "dropout"),
});

testWithBackend("the loss is the mean cross-entropy of each version", async () => {
  const { p, net } = network();
  const batch = batchOf(scene(4, [24, 24]).images);
  const darker: tf.Tensor4D = tf.mul(batch.images, 0.5);
  const losses = net.losses([view(batch.images), view(darker)], batch, "eval");
  for (const [i, images] of [batch.images, darker].entries()) {
    const chances = await tf.softmax(net.classifier.logits(images, "eval")).array();
    const terms = chances.map((row, b) => -Math.log(row[batch.labels[b]]));
    const expected = terms.reduce((a, b) => a + b, 0) / terms.length;
    assert.ok(Math.abs((await losses[i].data())[0] - expected) < 1e-5);
  }
  assert.equal(await batchesSeen(p), 0);
});

testWithBackend("in training each version moves the running statistics", async () => {
  const { p, net } = network();
  const batch = batchOf(scene(4, [24, 24]).images);
  net.losses([view(batch.images), view(batch.images), view(batch.images)], batch, "train");
  assert.equal(await batchesSeen(p), 3);
  net.features(batch.images, batch.sizes);
  assert.equal(await batchesSeen(p), 3);
});

testWithBackend("a training step of a classifier leaves no tensors behind", () => {
  const { p, net } = network();
  const batch = batchOf(scene(4, [24, 24]).images);
  const step = () =>
    tf.dispose(tf.variableGrads(
      () => tf.addN(net.losses([view(batch.images), view(batch.images)], batch, "train")),
      p.trained(),
    ));
  step();
  const before = tf.memory().numTensors;
  step();
  assert.equal(tf.memory().numTensors, before);
});

async function batchesSeen(p: Params): Promise<number | undefined> {
  return (await p.snapshot()).find(({ name }) => name === "bn1.num_batches_tracked")?.data[0];
}
