import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { recomputed } from "../../../../ml/tensor/ops/recomputed.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";
import { randomTensor } from "../gradients/numeric.ts";

testWithBackend("recomputed() gives the function's value and gradients", async () => {
  const x = randomTensor("x", [1, 5, 5, 2]);
  const filter = tf.variable(randomTensor("filter", [3, 3, 2, 2]));
  const fixed = tf.variable(randomTensor("fixed", [1, 1, 2, 2]));
  const input = tf.variable(x);
  const f = (x: tf.Tensor4D): tf.Tensor4D => {
    const y = tf.relu(tf.conv2d(x, filter as tf.Tensor as tf.Tensor4D, 1, "same"));
    return tf.conv2d(y, fixed as tf.Tensor as tf.Tensor4D, 1, "same");
  };
  const loss = (g: typeof f) => () =>
    tf.sum<tf.Scalar>(tf.square(g(g(input as tf.Tensor as tf.Tensor4D))));
  const variables = [input, filter];
  const plain = tf.variableGrads(loss(f), variables);
  const before = tf.memory().numTensors;
  const again = tf.variableGrads(loss((x) => recomputed(f, x, [filter])), variables);
  // The loss and two gradients: nothing else is left.
  assert.equal(tf.memory().numTensors, before + 3);
  assert.deepEqual([...await again.value.data()], [...await plain.value.data()]);
  for (const { name } of variables) {
    const expected = await plain.grads[name].data();
    const got = await again.grads[name].data();
    got.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-4, `${value}`));
  }
});

testWithBackend("recomputed() gives gradients of what it is told of only", () => {
  const x = randomTensor("x", [1, 3, 3, 1]);
  const [told, untold] = [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(3))];
  const f = (x: tf.Tensor4D): tf.Tensor4D => tf.mul(tf.mul(x, told), untold);
  const { grads } = tf.variableGrads(() => tf.sum(recomputed(f, x, [told])), [told, untold]);
  assert.ok(told.name in grads);
  assert.ok(!(untold.name in grads));
});
