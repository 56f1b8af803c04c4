import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { resizeBilinear, resizeNearest } from "../../../../ml/tensor/ops/resize.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";

testWithBackend("resizeBilinear() uses half-pixel centres and repeats the edge", async () => {
  const x = tf.tensor4d([0, 1, 2, 3], [1, 1, 4, 1]);
  assert.deepEqual([...await resizeBilinear(x, [1, 8]).data()], [
    ...[0, 0.25, 0.75, 1.25],
    ...[1.75, 2.25, 2.75, 3],
  ]);
});

testWithBackend("resizeNearest() takes the cell floor(i · in/out)", async () => {
  const x = tf.tensor4d([0, 1, 2], [1, 1, 3, 1]);
  assert.deepEqual([...await resizeNearest(x, [1, 5]).data()], [0, 0, 1, 1, 2]);
});

testWithBackend("Resizing to the same size gives the tensor itself", () => {
  const x: tf.Tensor4D = tf.zeros([1, 2, 3, 1]);
  assert.equal(resizeBilinear(x, [2, 3]), x);
  assert.equal(resizeNearest(x, [2, 3]), x);
});
