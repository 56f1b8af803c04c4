import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { DetectionLosses, Sampler } from "../../../ml/nn/contracts.ts";
import { Params } from "../../../ml/nn/params.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { build, options } from "../../../models/detection/faster_rcnn_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { first, scene } from "./scene.ts";

function detector(seed = 1) {
  const p = Params.create(seed);
  return { p, T: build(p, { ...options.parse({}), num_classes: 9 }) };
}

function total({ classifier, box_reg, objectness, rpn_box_reg }: DetectionLosses): tf.Scalar {
  return tf.addN([classifier, box_reg, objectness, rpn_box_reg]);
}

testWithBackend("The light detector has 311,335 trained numbers", () => {
  const { p } = detector();
  assert.equal(p.trained().reduce((sum, { size }) => sum + size, 0), 311_335);
});

testWithBackend("The light detector learns: ten steps on one batch lower its loss", async () => {
  const { p, T } = detector();
  const { images, sizes, targets } = scene(4, [96, 96]);
  const random = stream(3, "sampler");
  const sampler: Sampler = (candidates, count) =>
    random.permutation(candidates.length).slice(0, count).map((i) => candidates[i]);
  const optimizer = tf.train.momentum(0.02, 0.9);
  const values: number[] = [];
  for (let i = 0; i < 10; i++) {
    const loss = optimizer.minimize(
      () => total(T.losses(images, sizes, targets, sampler)),
      true,
      p.trained(),
    );
    values.push((await loss?.data() ?? [NaN])[0]);
  }
  assert.ok(values[9] < 0.8 * values[0], `${values}`);
});

testWithBackend("A training step of the light detector leaves no tensors behind", () => {
  const { p, T } = detector();
  const { images, sizes, targets } = scene(2, [64, 96]);
  const step = () =>
    tf.dispose(tf.variableGrads(
      () => total(T.losses(images, sizes, targets, first)),
      p.trained(),
    ));
  step();
  const before = tf.memory().numTensors;
  step();
  assert.equal(tf.memory().numTensors, before);
});

testWithBackend("Images without objects train the background only", async () => {
  const { p, T } = detector();
  const { images, sizes } = scene(2, [64, 64]);
  const none = sizes.map(() => ({ boxes: new Float32Array(0), labels: new Int32Array(0) }));
  const losses = T.losses(images, sizes, none, first);
  assert.equal((await losses.box_reg.data())[0], 0);
  assert.equal((await losses.rpn_box_reg.data())[0], 0);
  assert.ok((await losses.objectness.data())[0] > 0);
  const { grads } = tf.variableGrads(
    () => total(T.losses(images, sizes, none, first)),
    p.trained(),
  );
  // A gradient of 0 rather than none: momentum and weight decay go on.
  assert.equal(Object.keys(grads).length, p.trained().length);
});

testWithBackend("Losses of a batch do not depend on what lies outside the images", async () => {
  const { T } = detector();
  const { images, targets } = scene(2, [96, 96]);
  const sizes = [[72, 80], [96, 64]] as const;
  const inside = targets.map(({ labels }) => ({
    boxes: Float32Array.of(4, 4, 24, 26, 30, 30, 52, 50, 8, 40, 30, 62),
    labels,
  }));
  const mask = tf.concat(
    sizes.map(([h, w]) =>
      tf.pad(tf.ones([1, h, w, 3]), [[0, 0], [0, 96 - h], [0, 96 - w], [0, 0]])
    ),
  );
  const cut: tf.Tensor4D = tf.mul(images, mask);
  const [a, b] = [images, cut].map((images) => total(T.losses(images, sizes, inside, first)));
  assert.equal((await a.data())[0], (await b.data())[0]);
});

testWithBackend(
  "Detections lie inside their image, fall in score and leave no tensors",
  async () => {
    const { T } = detector(5);
    const { images, sizes } = scene(3, [64, 80]);
    const before = tf.memory().numTensors;
    const found = await T.detect(images, sizes);
    assert.equal(tf.memory().numTensors, before);
    assert.equal(found.length, 3);
    for (const { boxes, scores, labels } of found) {
      assert.ok(scores.length > 0 && scores.length <= 20);
      assert.equal(boxes.length, 4 * scores.length);
      assert.ok(scores.every((score, i) => score > 0.05 && (i === 0 || score <= scores[i - 1])));
      assert.ok(labels.every((label) => label >= 1 && label <= 8));
      assert.ok(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? 80 : 64)));
    }
  },
);

testWithBackend(
  "The feature of the light detector is a map of stride 4 that images move",
  async () => {
    const { T } = detector();
    const { images, sizes } = scene(1, [64, 80]);
    const { body } = T.features(images, sizes);
    assert.deepEqual(body.shape, [1, 16, 20, 64]);
    assert.deepEqual(Object.keys(T.featureWeights), ["body"]);
    const gradient = tf.grad((x) => tf.mean(T.features(x as tf.Tensor4D, sizes).body))(images);
    assert.ok((await gradient.data()).some((value) => value !== 0));
  },
);

testWithBackend("Losses of several views in one pass are those of each view alone", async () => {
  const { p, T } = detector();
  const { images, sizes, targets } = scene(2, [96, 96]);
  const darker: tf.Tensor4D = tf.mul(images, 0.5);
  const few: Sampler = (candidates, count) => candidates.slice(-count);
  const views = [{ images, sampler: first }, { images: darker, sampler: few }];
  const together = () => T.lossesOfViews(views, sizes, targets);
  const alone = () => views.map(({ images, sampler }) => T.losses(images, sizes, targets, sampler));
  const sum = (losses: DetectionLosses[]) => tf.addN(losses.map(total));
  const [a, b] = [together, alone].map((losses) =>
    tf.variableGrads(() => sum(losses()), p.trained())
  );
  for (const [i, losses] of alone().entries()) {
    for (const [name, value] of Object.entries(losses)) {
      const got = Object.entries(together()[i]).find(([other]) => other === name)?.[1];
      assertNear(await got?.data() ?? [], await value.data(), 1e-5);
    }
  }
  for (const [name, gradient] of Object.entries(a.grads)) {
    assertNear(await gradient.data(), await b.grads[name].data(), 1e-4);
  }
});

function assertNear(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(got.length, expected.length);
  const largest = Array.from(expected).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(got[i] - expected[i]) <= tolerance * largest, `${got[i]} ${expected[i]}`);
  }
}
