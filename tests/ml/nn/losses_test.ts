import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import {
  binaryCrossEntropy,
  meanAbsoluteError,
  meanSquaredError,
  pixelCrossEntropy,
  smoothL1,
  softmaxCrossEntropy,
} from "../../../ml/nn/losses.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { testBackend } from "../../helpers/backend.ts";

await testBackend();

const first = async (x: tf.Tensor) => Number((await x.data())[0].toFixed(5));
const all = async (x: tf.Tensor) => Array.from(await x.data(), (v) => Number(v.toFixed(5)));

Deno.test("meanAbsoluteError() reaches both sides, and neither where they are equal", async () => {
  const [a, b] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 4, 3, 0])];
  assert.equal(await first(meanAbsoluteError(a, b)), 1.5);
  const [da, db] = tf.grads((a, b) => meanAbsoluteError(a, b))([a, b]);
  assert.deepEqual(await all(da), [0, -0.25, 0, 0.25]);
  assert.deepEqual(await all(db), [0, 0.25, 0, -0.25]);
});

Deno.test("meanSquaredError() has the gradient 2d/n", async () => {
  const b = tf.tensor1d([1, 4]);
  assert.equal(await first(meanSquaredError(tf.tensor1d([1, 2]), b)), 2);
  assert.deepEqual(await all(tf.grad((a) => meanSquaredError(a, b))(tf.tensor1d([1, 2]))), [0, -2]);
});

Deno.test("smoothL1() is a square inside beta and a line outside", async () => {
  const zero = tf.zeros([3]);
  const x = tf.tensor1d([0.25, -2, 0]);
  assert.equal(await first(smoothL1(x, zero, 0.5)), 0.0625 + 1.75);
  assert.deepEqual(await all(tf.grad((x) => smoothL1(x, zero, 0.5))(x)), [0.5, -1, 0]);
});

Deno.test("binaryCrossEntropy() stays finite for large logits", async () => {
  const targets = tf.tensor1d([1, 0, 0]);
  const x = tf.tensor1d([100, 100, 0]);
  assert.equal(await first(binaryCrossEntropy(x, targets)), 33.56438); // (0 + 100 + ln 2) / 3
  const gradient = tf.grad((x) => binaryCrossEntropy(x, targets))(x);
  assert.deepEqual(await all(gradient), [0, 0.33333, 0.16667]);
});

Deno.test("softmaxCrossEntropy() averages over the labels that count", async () => {
  const logits = tf.tensor2d([[0, 0], [5, 0], [0, 0]]);
  const loss = (labels: number[], ignore?: number) =>
    first(softmaxCrossEntropy(logits, tf.tensor1d(labels, "int32"), ignore ? { ignore } : {}));
  assert.equal(await loss([0, 255, 1], 255), 0.69315);
  assert.equal(await loss([255, 255, 255], 255), NaN);
  assert.equal(await loss([0, 1, 1]), Number(((2 * Math.log(2) + 5.0067153) / 3).toFixed(5)));
});

Deno.test("an ignored label inside the classes does not count either", async () => {
  const logits = tf.tensor2d([[0, 0], [5, 0]]);
  const labels = tf.tensor1d([1, 0], "int32");
  assert.equal(await first(softmaxCrossEntropy(logits, labels, { ignore: 0 })), 0.69315);
});

Deno.test("pixelCrossEntropy() is softmaxCrossEntropy() of maps, in value and gradient", async () => {
  const random = stream(1, "logits");
  const values = Float32Array.from({ length: 2 * 3 * 5 * 4 }, () => 5 * random.normal());
  const logits = tf.tensor4d(values, [2, 3, 5, 4]);
  for (const ignore of [255, 2]) {
    const indices = Int32Array.from({ length: 30 }, (_, i) => i % 5 === 4 ? ignore : i % 4);
    const labels = tf.tensor3d(indices, [2, 3, 5], "int32");
    const pixels = (x: tf.Tensor) => pixelCrossEntropy(x as tf.Tensor4D, labels, ignore);
    const softmax = (x: tf.Tensor) => softmaxCrossEntropy(x, labels, { ignore });
    assert.equal(await first(pixels(logits)), await first(softmax(logits)));
    const [a, b] = [await all(tf.grad(pixels)(logits)), await all(tf.grad(softmax)(logits))];
    a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 2e-5, `${i}: ${value}, ${b[i]}`));
    assert.ok(b.some((value) => Math.abs(value) > 0.01));
  }
});

Deno.test("pixelCrossEntropy() stays finite for large logits and is NaN where nothing counts", async () => {
  const logits = tf.tensor4d([1000, 0, 0, -1000], [1, 1, 2, 2]);
  const loss = (...labels: number[]) =>
    first(pixelCrossEntropy(logits, tf.tensor3d(labels, [1, 1, 2], "int32"), 255));
  assert.equal(await loss(1, 0), 500);
  assert.equal(await loss(0, 255), 0);
  assert.equal(await loss(255, 255), NaN);
});

Deno.test("pixelCrossEntropy() keeps its labels until the gradient needs them", async () => {
  const x = tf.zeros<tf.Rank.R4>([1, 1, 2, 2]);
  const loss = (x: tf.Tensor) =>
    tf.tidy(() => {
      const labels = tf.tensor3d([0, 255], [1, 1, 2], "int32");
      return pixelCrossEntropy(x as tf.Tensor4D, labels, 255);
    });
  assert.deepEqual(await all(tf.grad(loss)(x)), [-0.5, 0.5, 0, 0]);
});

Deno.test("a loss refuses shapes that would be broadcast", () => {
  assert.throws(() => meanAbsoluteError(tf.zeros([2, 3]), tf.zeros([3])), {
    name: "RangeError",
    message: "Cannot compare [2,3] with [3]: expected equal shapes",
  });
});

Deno.test("binaryCrossEntropy() keeps its targets until the gradient needs them", async () => {
  const x = tf.tensor1d([0, 0]);
  const gradient = tf.grad((x) => tf.tidy(() => binaryCrossEntropy(x, tf.tensor1d([1, 0]))))(x);
  assert.deepEqual(await all(gradient), [-0.25, 0.25]);
});
