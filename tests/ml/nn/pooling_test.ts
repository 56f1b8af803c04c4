import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { adaptiveAveragePool, maxPool } from "../../../ml/nn/pooling.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

testWithBackend("maxPool() pads with what never wins, not with zeros", async () => {
  const y = maxPool(3, 2, 1)(tf.fill([1, 4, 4, 1], -2));
  assert.deepEqual(y.shape, [1, 2, 2, 1]);
  assert.deepEqual([...await y.data()], [-2, -2, -2, -2]);
});

testWithBackend("adaptiveAveragePool() repeats, averages and shares cells", async () => {
  const row = (values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
  const pooled = async (values: number[], width: number) => [
    ...await adaptiveAveragePool(1, width)(row(values)).data(),
  ];
  assert.deepEqual(await pooled([1, 2], 4), [1, 1, 2, 2]);
  assert.deepEqual(await pooled([1, 3, 5, 7], 2), [2, 6]);
  assert.deepEqual(await pooled([2, 4, 6], 2), [3, 5]); // both fields hold the middle one
});

testWithBackend("adaptiveAveragePool() leaves a map of the right size alone", () => {
  const x: tf.Tensor4D = tf.ones([2, 7, 7, 3]);
  assert.equal(adaptiveAveragePool(7, 7)(x), x);
});
