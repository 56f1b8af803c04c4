import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { meanPsnr, psnr, squaredErrors } from "../../../ml/metrics/image_quality.ts";
import { testBackend } from "../../helpers/backend.ts";

await testBackend();

Deno.test("one level of difference everywhere is 48.13 dB", () => {
  assert.equal(psnr(1).toFixed(4), "48.1308");
});

Deno.test("squaredErrors() leaves the border out, image by image", async () => {
  const a = tf.zeros([2, 20, 18, 3]) as tf.Tensor4D;
  const inside = tf.pad(tf.ones([2, 4, 2, 3]), [[0, 0], [8, 8], [8, 8], [0, 0]]) as tf.Tensor4D;
  const both = tf.mul(inside, tf.tensor4d([0, 1 / 255], [2, 1, 1, 1])) as tf.Tensor4D;
  assert.deepEqual(
    [...await squaredErrors(a, tf.add(both, tf.sub(1, inside)) as tf.Tensor4D).data()],
    [0, 1],
  );
});

Deno.test("squaredErrors() names pictures that are all border", () => {
  const a = tf.zeros([1, 16, 40, 3]) as tf.Tensor4D;
  assert.throws(() => squaredErrors(a, a), {
    name: "RangeError",
    message: "Cannot compare pictures of 40x16: expected more than 16 pixels each way",
  });
});

Deno.test("meanPsnr() leaves equal pictures out", () => {
  assert.deepEqual(meanPsnr([0, 255 ** 2, 2.55 ** 2]), { value: 20, images: 2 });
});
