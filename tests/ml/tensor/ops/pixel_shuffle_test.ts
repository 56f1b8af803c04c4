import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { pixelShuffle } from "../../../../ml/tensor/ops/pixel_shuffle.ts";
import { testWithBackend } from "../../../helpers/with_backend.ts";

testWithBackend("pixelShuffle() fills each 2x2 block row by row from the channels", async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 4]);
  const y = pixelShuffle(x, 2);
  assert.deepEqual(y.shape, [1, 2, 4, 1]);
  assert.deepEqual([...await y.data()], [1, 2, 5, 6, 3, 4, 7, 8]);
});

testWithBackend("pixelShuffle() names the shape it cannot shuffle", () => {
  assert.throws(() => pixelShuffle(tf.zeros([1, 2, 2, 6]), 2), {
    name: "RangeError",
    message: "Cannot shuffle [1,2,2,6] by 2: expected channels to be a multiple of 4",
  });
});
