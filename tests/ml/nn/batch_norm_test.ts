import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { batchNorm } from "../../../ml/nn/batch_norm.ts";
import { Params } from "../../../ml/nn/params.ts";
import { compile, uncompiled } from "../../../ml/tensor/compile.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

testWithBackend(
  "batchNorm() in training normalises by the batch and moves the statistics",
  async () => {
    const p = Params.create(1);
    const layer = batchNorm(p, 1, { eps: 0, momentum: 0.1 });
    const x = tf.tensor4d([1, 3], [2, 1, 1, 1]);
    assert.deepEqual([...await layer(x, "train").data()], [-1, 1]);
    const state = Object.fromEntries((await p.snapshot()).map(({ name, data }) => [name, data[0]]));
    // Mean 2; biased variance 1, unbiased 2.
    assert.equal(state.running_mean, Math.fround(0.2));
    assert.ok(Math.abs(state.running_var - 1.1) < 1e-6);
    assert.equal(state.num_batches_tracked, 1);
  },
);

testWithBackend("batchNorm() in eval uses the statistics and leaves them", async () => {
  const p = Params.create(1, (name) => name === "running_mean" ? Float32Array.of(5) : undefined);
  const layer = batchNorm(p, 1, { eps: 0 });
  const y = layer(tf.tensor4d([7], [1, 1, 1, 1]), "eval");
  assert.deepEqual([...await y.data()], [2]);
  const mean = (await p.snapshot()).find(({ name }) => name === "running_mean");
  assert.deepEqual([...mean?.data ?? []], [5]);
});

testWithBackend("batchNorm() in training refuses one value per channel", () => {
  const layer = batchNorm(Params.create(1), 3);
  assert.throws(() => layer(tf.ones([1, 1, 1, 3]), "train"), {
    name: "RangeError",
    message: "Cannot normalise [1,1,1,3] by its own statistics: one value per channel",
  });
});

testWithBackend("batchNorm() in a traced step does what it does in an eager one", async () => {
  const x = tf.tensor4d(Array.from({ length: 48 }, (_, i) => Math.sin(3 * i)), [2, 2, 3, 4]);
  const run = async (prepare: typeof compile) => {
    const p = Params.create(1);
    const layer = batchNorm(p, 4);
    const state = () => p.all().map(({ variable }) => variable);
    const step = prepare<void>(([x]) => {
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.square(layer(x as tf.Tensor4D, "train"))) as tf.Scalar,
        p.trained(),
      );
      return [value, ...Object.values(grads)];
    }, state);
    const results = [step([x], undefined), step([x], undefined)].flat();
    return [
      ...await Promise.all(results.map(async (one) => [...await one.data()])),
      ...(await p.snapshot()).map(({ data }) => [...data]),
    ].flat();
  };
  const [traced, eager] = [await run(compile), await run(uncompiled)];
  traced.forEach((value, i) =>
    assert.ok(Math.abs(value - eager[i]) < 1e-4, `${value}, ${eager[i]}`)
  );
});
