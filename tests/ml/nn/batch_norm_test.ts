import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { batchNorm } from "../../../ml/nn/batch_norm.ts";
import { Params } from "../../../ml/nn/params.ts";
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
