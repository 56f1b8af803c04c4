import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { stream } from "../../../../ml/tensor/random.ts";
import {
  normalizeBatch,
  normalizeBatchStepByStep,
} from "../../../../ml/tensor/ops/normalize_batch.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";

testWithBackend("normalizeBatch() gives each channel its mean and deviation", async () => {
  const x = tf.tensor4d([1, 10, 3, 50], [2, 1, 1, 2]);
  let statistics: number[][] = [];
  const y = normalizeBatch(x, tf.tensor1d([1, 2]), tf.tensor1d([0, 5]), 0, (...seen) => {
    statistics = seen.map((each) => [...each.dataSync()]);
  });
  assert.deepEqual([...await y.data()].map((value) => Math.round(1e4 * value) / 1e4), [
    -1,
    3,
    1,
    7,
  ]);
  assert.deepEqual(statistics, [[2, 30], [2, 800]]); // the variance is the unbiased one
});

testWithBackend("normalizeBatch() and its gradient do as the single steps do", async () => {
  const random = stream(1, "values");
  const normal = (shape: number[]) =>
    tf.tensor(Array.from({ length: tf.util.sizeFromShape(shape) }, random.normal), shape);
  const inputs = [normal([3, 4, 5, 6]), normal([6]), normal([6])];
  const w = normal([3, 4, 5, 6]);
  const seen: tf.Tensor[][] = [];
  const [one, steps] = [normalizeBatch, normalizeBatchStepByStep].map((normalise) =>
    tf.valueAndGrads((x, weight, bias) => {
      const y = normalise(x as tf.Tensor4D, weight, bias, 1e-5, (...statistics) => {
        seen.push(statistics.map((each) => tf.keep(tf.clone(each))));
      });
      return tf.mul(y, w);
    })(inputs)
  );
  await assertNear(one.value, steps.value);
  for (const i of [0, 1, 2]) await assertNear(one.grads[i], steps.grads[i]);
  for (const i of [0, 1]) await assertNear(seen[0][i], seen[1][i]);
});

testWithBackend("normalizeBatch() keeps nothing", () => {
  const inputs = [tf.ones([2, 3, 3, 4]), tf.ones([4]), tf.ones([4])];
  const before = tf.memory().numTensors;
  const { value, grads } = tf.valueAndGrads((x, weight, bias) =>
    normalizeBatch(x as tf.Tensor4D, weight, bias, 1e-5, () => {})
  )(inputs);
  tf.dispose([value, grads]);
  assert.equal(tf.memory().numTensors, before);
});

async function assertNear(got: tf.Tensor, expected: tf.Tensor): Promise<void> {
  assert.deepEqual(got.shape, expected.shape);
  const [a, b] = [await got.data(), await expected.data()];
  a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) <= 1e-5, `${i}: ${value} ${b[i]}`));
}
