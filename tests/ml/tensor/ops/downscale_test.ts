import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { testBackend } from "../../../helpers/backend.ts";
import { downscale, quantize } from "../../../../ml/tensor/ops/downscale.ts";
import { upscale } from "../../../../ml/tensor/ops/upscale.ts";

await testBackend();

/** What each of n pixels of a row adds to output pixel 1, when the row shrinks by s. */
async function weights(s: number, n: number): Promise<number[]> {
  const rows = tf.cast(tf.oneHot(tf.range(0, n, 1, "int32"), n), "float32"); // one impulse per row
  const images = tf.tile(tf.reshape(rows, [n, 1, n, 1]), [1, s, 1, 1]) as tf.Tensor4D;
  const shrunk = downscale(images, s); // [n, 1, n/s, 1]
  return [...await tf.squeeze(tf.slice(shrunk, [0, 0, 1, 0], [n, 1, 1, 1])).data()];
}

const TAPS = [-0.09375, 0.59375, 0.59375, -0.09375];

Deno.test("downscale() has its four taps at 4d to 4d+3 for x4 and at 8d+2 to 8d+5 for x8", async () => {
  assert.deepEqual(await weights(4, 12), [0, 0, 0, 0, ...TAPS, 0, 0, 0, 0]);
  assert.deepEqual((await weights(8, 24)).slice(8), [0, 0, ...TAPS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("downscale() by 2 repeats the border pixel", async () => {
  const x = tf.tensor4d([32, 0, 0, 64], [1, 4, 1, 1]);
  const column = tf.tile(x, [1, 1, 2, 1]) as tf.Tensor4D;
  assert.deepEqual([...await downscale(column, 2).data()], [16, 32]);
});

Deno.test("downscale() rounds the size down and names a factor it does not know", () => {
  const x = tf.zeros([1, 30, 23, 3]) as tf.Tensor4D;
  assert.deepEqual(downscale(x, 8).shape, [1, 3, 2, 3]);
  assert.throws(() => downscale(x, 3), {
    name: "RangeError",
    message: "Cannot shrink by 3: expected an even factor, 2 or more",
  });
});

Deno.test("quantize() clamps, and rounds ties to the even level", async () => {
  const levels = tf.tensor1d([-3, 0.5, 1.5, 2.5, 254.5, 260]);
  assert.deepEqual([...await quantize(levels, 255).data()], [0, 0, 2, 2, 254, 255]);
  const unit = await quantize(tf.tensor1d([0.2, 1.7])).data();
  assert.deepEqual([...unit], [Math.fround(0.2), 1]);
});

Deno.test("upscale() puts corners on corners", async () => {
  const row = tf.tensor4d([0, 1, 2, 3], [1, 1, 4, 1]);
  const values = Array.from(await upscale(row, 4).data(), (x) => Number(x.toFixed(5)));
  assert.deepEqual(
    values.slice(0, 16),
    Array.from({ length: 16 }, (_, i) => Number((i / 5).toFixed(5))),
  );
});
