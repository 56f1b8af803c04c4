import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../ml/tensor/backend.ts";
import { compile } from "../../../ml/tensor/compile.ts";

/** One step of gradient descent on a small convolution; gives the loss. */
function descent(weight: tf.Variable, scale: tf.Tensor) {
  return ([x, rate]: tf.Tensor[]) => {
    const { value, grads } = tf.variableGrads(() => {
      const y = tf.relu(tf.conv2d(x as tf.Tensor4D, weight as tf.Variable<tf.Rank.R4>, 1, "same"));
      return tf.mean(tf.square(tf.sub(tf.mul(y, scale), 1))) as tf.Scalar;
    }, [weight]);
    weight.assign(tf.sub(weight, tf.mul(rate, grads[weight.name])));
    return [value];
  };
}

async function run(compiled: boolean) {
  await startBackend({ threads: 1 });
  const weight = tf.variable(tf.reshape(tf.div(tf.range(0, 18), 18), [3, 3, 1, 2]));
  const scale = tf.tensor1d([1, 2]); // met for the first time while recording
  const step = descent(weight, scale);
  const call = compiled
    ? compile(step, () => [weight])
    : (x: tf.Tensor[]) => tf.tidy(() => step(x));
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let i = 0; i < 4; i++) {
    const x = tf.tidy(() => tf.reshape(tf.div(tf.range(0, 32), 32 + i), [2, 4, 4, 1]));
    const rate = tf.scalar(0.01 * (i + 1));
    const [loss] = call([x, rate], undefined);
    losses.push((await loss.data())[0]);
    tf.dispose([x, rate, loss]);
    tensors.push(tf.memory().numTensors);
  }
  return { losses, weights: await weight.data(), scale: await scale.data(), tensors };
}

Deno.test("compile() gives the losses and weights of the eager step", async () => {
  const eager = await run(false);
  const traced = await run(true);
  assert.ok(eager.losses[3] < eager.losses[0]);
  eager.losses.forEach((loss, i) => assert.ok(Math.abs(loss - traced.losses[i]) < 1e-6));
  eager.weights.forEach((w, i) => assert.ok(Math.abs(w - traced.weights[i]) < 1e-6));
  assert.deepEqual([...traced.scale], [1, 2]);
});

Deno.test("compile() keeps no tensors from call to call", async () => {
  const { tensors } = await run(true);
  assert.deepEqual(new Set(tensors.slice(1)).size, 1);
});

Deno.test("compile() says that a step which reads values back cannot be traced", async () => {
  await startBackend({ threads: 1 });
  if (tf.getBackend() !== "tensorflow") return;
  const step = compile<void>(([x]) => [tf.scalar(tf.square(x).dataSync()[0])], () => []);
  assert.throws(() => step([tf.ones([1])], undefined), {
    message: "Cannot trace this step: it reads a tensor's values in the middle",
  });
  assert.deepEqual([...await tf.square(tf.scalar(3)).data()], [9]);
});
