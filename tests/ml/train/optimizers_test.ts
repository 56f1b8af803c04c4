import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { testBackend } from "../../helpers/backend.ts";
import { compile } from "../../../ml/tensor/compile.ts";
import { adamW, type Optimizer, sgd } from "../../../ml/train/optimizers.ts";

await testBackend();

/** One step with the given gradient; the variable's values after it. */
async function step(
  optimizer: Optimizer,
  variable: tf.Variable,
  gradient: number[],
  t: number,
  rate: number,
): Promise<number[]> {
  tf.tidy(() =>
    optimizer.apply([tf.tensor1d(gradient)], tf.tensor1d(optimizer.numbers(t, [rate])))
  );
  return [...await variable.data()];
}

Deno.test("sgd() adds the decay to the gradient and keeps its momentum", async () => {
  const p = tf.variable(tf.tensor1d([1, -2]));
  const optimizer = sgd([p], { momentum: 0.5, weightDecay: 0.25 });
  assert.deepEqual(await step(optimizer, p, [0.75, 0.5], 1, 0.5), [0.5, -2]);
  // v = 0.5 · (1, 0) + (0.125, -0.5)
  assert.deepEqual(await step(optimizer, p, [0, 0], 2, 1), [-0.125, -1.5]);
});

Deno.test("adamW() moves by the rate in the first step, whatever the gradient's size", async () => {
  const p = tf.variable(tf.tensor1d([1, 1, 1]));
  const after = await step(adamW([p]), p, [1e-3, -1e3, 0], 1, 0.25);
  assert.deepEqual(after.map((x) => Number(x.toFixed(5))), [0.75, 1.25, 1]);
});

Deno.test("adamW() decays by the rate, apart from the gradient", async () => {
  const p = tf.variable(tf.tensor1d([4]));
  assert.deepEqual(await step(adamW([p], { weightDecay: 0.5 }), p, [0], 1, 0.5), [3]);
});

for (const [name, make] of [["sgd", sgd], ["adamW", adamW]] as const) {
  Deno.test(`${name}() goes on from a snapshot as if never interrupted`, async () => {
    const options = { momentum: 0.9, weightDecay: 0.01 };
    const [p, q] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([1, 2]))];
    const [first, second] = [make([p], options), make([q], options)];
    await step(first, p, [0.3, -0.2], 1, 0.1);
    q.assign(p);
    second.restore(await first.snapshot());
    assert.deepEqual(
      await step(second, q, [0.1, 0.4], 2, 0.1),
      await step(first, p, [0.1, 0.4], 2, 0.1),
    );
  });

  Deno.test(`${name}() keeps no tensors and frees its slots`, () => {
    const before = tf.memory().numTensors;
    const p = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const optimizer = make([p]);
    const made = tf.memory().numTensors;
    tf.tidy(() => optimizer.apply([tf.ones([2])], tf.tensor1d(optimizer.numbers(1, [0.1]))));
    assert.equal(tf.memory().numTensors, made);
    optimizer.dispose();
    p.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("restore() names a moment that the snapshot lacks", () => {
  const optimizer = sgd([tf.variable(tf.zeros([2, 3]))]);
  assert.throws(
    () => optimizer.restore([{ name: "momentum.0", shape: [6], data: new Float32Array(6) }]),
    {
      name: "RangeError",
      message: `Cannot restore the optimizer's "momentum.0": expected [2,3], found [6]`,
    },
  );
});

Deno.test("a step with adamW() moves alike compiled and as it is", async () => {
  const run = async (compiled: boolean) => {
    const p = tf.variable(tf.tensor1d([1, -2]));
    const optimizer = adamW([p], { weightDecay: 0.1 });
    const move = ([numbers]: tf.Tensor[]) => {
      const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(p)), [p]);
      optimizer.apply([grads[p.name]], numbers as tf.Tensor1D);
      return [value];
    };
    const step = compiled ? compile(move, () => [p, ...optimizer.slots]) : move;
    for (let t = 1; t <= 3; t++) step([tf.tensor1d(optimizer.numbers(t, [0.1 / t]))], t);
    return [...await p.data()].map((x) => Number(x.toFixed(6)));
  };
  assert.deepEqual(await run(true), await run(false));
});
