import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { writeSamples } from "../../../ml/data/samples.ts";
import { encodePng } from "../../../ml/image/codec.ts";
import { encodeMask } from "../../../ml/image/mask.ts";
import { Params } from "../../../ml/nn/params.ts";
import { task } from "../../../ml/tasks/segmentation.ts";
import { stream } from "../../../ml/tensor/random.ts";
import * as light from "../../../models/segmentation/deeplab_v3_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../../models/detection/scene.ts";
import { temporaryFolder } from "../data/temporary_folder.ts";

/** Writes grey pictures of these sizes; their masks are 0 on the left, 1 on the right. */
async function writeDataset(folder: string, sizes: [width: number, height: number][]) {
  const samples = sizes.map(([width, height], i) => ({
    image: `${i}.png`,
    mask: `${i}.png`,
    width,
    height,
  }));
  for (const part of ["images", "masks"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
  }
  await writeSamples(folder, { classes: ["ground", "cat"], samples });
  for (const { image, mask, width, height } of samples) {
    const data = new Uint8Array(width * height * 3).fill(128);
    await encodePng({ width, height, data }, `${folder}/images/${image}`);
    const labels = Uint8Array.from({ length: width * height }, (_, i) => +(i % width >= width / 2));
    await encodeMask({ width, height, data: labels }, `${folder}/masks/${mask}`);
  }
}

Deno.test("batches have one size where pictures have, or where training cuts windows", async () => {
  await using dir = await temporaryFolder();
  const uniform = async (use: "train" | "evaluate", resize: number | null, crop: number | null) =>
    (await task.open(dir.path, { use, resize, crop })).uniform;
  await writeDataset(dir.path, [[16, 12], [16, 12]]);
  assert.equal(await uniform("train", null, null), true);
  await writeDataset(dir.path, [[16, 12], [32, 24]]);
  assert.equal(await uniform("train", null, null), false);
  assert.equal(await uniform("train", 12, null), true);
  assert.equal(await uniform("train", null, 8), true);
  assert.equal(await uniform("evaluate", null, 8), false);
  assert.equal(await uniform("evaluate", 12, 8), true);
});

testWithBackend("a dataset is trained on in windows and seen whole", async () => {
  await using dir = await temporaryFolder();
  await writeDataset(dir.path, [[16, 12], [12, 20], [17, 14]]);
  const cut = { resize: 12, crop: 8 };
  const train = await task.open(dir.path, { use: "train", ...cut });
  assert.deepEqual([train.classes, train.images], [["ground", "cat"], 3]);
  assert.deepEqual([train.iterationsPerEpoch(2), train.iterationsPerEpoch(3)], [1, 1]);
  for await (const batch of train.train({ batchSize: 2, seed: 1, scale: 4, start: 0 })) {
    assert.deepEqual(batch.images.shape, [2, 8, 8, 3]);
    assert.equal(batch.labels.length, 2 * 8 * 8);
    batch.images.dispose();
    break;
  }
  const whole = await task.open(dir.path, { use: "evaluate", resize: null, crop: 8 });
  const shapes = [];
  for await (const { images, sizes, labels } of whole.evaluate({ batchSize: 1, scale: 4 })) {
    shapes.push([...images.shape.slice(1, 3), ...sizes[0], labels.length]);
    images.dispose();
  }
  assert.deepEqual(shapes, [
    [12, 16, 12, 16, 12 * 16],
    [20, 12, 20, 12, 20 * 12],
    [16, 20, 14, 17, 14 * 17],
  ]);
});

const CLASSES = 3;

function network() {
  const p = Params.create(1);
  return { p, net: task.build(p, light, {}, CLASSES) };
}

/** Classes in turn, every seventh pixel void. */
function batchOf(images: tf.Tensor4D) {
  const [B, H, W] = images.shape;
  return {
    images,
    sizes: Array.from({ length: B }, () => [H, W] as const),
    indices: Int32Array.from({ length: B }, (_, i) => i),
    labels: Uint8Array.from({ length: B * H * W }, (_, i) => i % 7 === 0 ? 255 : i % CLASSES),
  };
}

const view = (images: tf.Tensor4D) => ({
  images,
  sampler: () => new Int32Array(),
  dropout: stream(1, "dropout"),
});

testWithBackend(
  "the loss is the cross-entropy of pixels that count, half the auxiliary head's on top",
  async () => {
    const { p, net } = network();
    const batch = batchOf(scene(2, [16, 24]).images);
    const darker: tf.Tensor4D = tf.mul(batch.images, 0.5);
    const losses = net.losses([view(batch.images), view(darker)], batch, "eval");
    for (const [i, images] of [batch.images, darker].entries()) {
      const { out, aux } = net.segmenter.logits(images, "eval");
      const expected = await crossEntropy(out, batch.labels) +
        0.5 * await crossEntropy(aux ?? out, batch.labels);
      assert.ok(Math.abs((await losses[i].data())[0] - expected) < 1e-5);
    }
    assert.equal(await batchesSeen(p), 0);
  },
);

/** By the definition. */
async function crossEntropy(logits: tf.Tensor4D, labels: Uint8Array): Promise<number> {
  const chances = await tf.softmax(logits).data();
  const terms = Array.from(labels, (label, i) => -Math.log(chances[i * CLASSES + label]))
    .filter((_, i) => labels[i] !== 255);
  return terms.reduce((a, b) => a + b, 0) / terms.length;
}

testWithBackend(
  "in training each version moves the running statistics, features do not",
  async () => {
    const { p, net } = network();
    const batch = batchOf(scene(2, [16, 16]).images);
    net.losses([view(batch.images), view(batch.images), view(batch.images)], batch, "train");
    assert.equal(await batchesSeen(p), 3);
    net.features(batch.images, batch.sizes);
    assert.equal(await batchesSeen(p), 3);
  },
);

testWithBackend("a training step of a segmenter leaves no tensors behind", () => {
  const { p, net } = network();
  const batch = batchOf(scene(2, [16, 16]).images);
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
  const name = "backbone.body.0.1.num_batches_tracked";
  return (await p.snapshot()).find((tensor) => tensor.name === name)?.data[0];
}
