import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { testBackend } from "../../helpers/backend.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { cqmix, drawMask, enlargeMask, sourceCells } from "../../../ml/train/cqmix.ts";

await testBackend();

Deno.test("drawMask() draws about as many ones as zeros, the same for the same stream", () => {
  const mask = drawMask(stream(1, "cqmix", 0), 16, 8);
  assert.equal(mask.length, 1024);
  const ones = mask.filter((bit) => bit === 1).length;
  assert.equal(mask.filter((bit) => bit === 0).length, 1024 - ones);
  assert.ok(Math.abs(ones - 512) < 80, `${ones} ones`); // five deviations
  assert.deepEqual(drawMask(stream(1, "cqmix", 0), 16, 8), mask);
  assert.notDeepEqual(drawMask(stream(1, "cqmix", 1), 16, 8), mask);
});

Deno.test("sourceCells() rounds down, and never reaches past the last cell", () => {
  assert.deepEqual([...sourceCells(3, 7)], [0, 0, 0, 1, 1, 2, 2]);
  for (let pixels = 1; pixels < 600; pixels++) assert.ok(sourceCells(8, pixels)[pixels - 1] < 8);
});

Deno.test("cqmix() takes the super-resolved pixel where the mask is 1", async () => {
  const mask = enlargeMask(tf.tensor4d([1, 0, 0, 1], [1, 2, 2, 1]), [2, 4]);
  const sr = tf.fill([1, 2, 4, 1], 0.3) as tf.Tensor4D;
  const hr = tf.fill([1, 2, 4, 1], 0.7) as tf.Tensor4D;
  const mixed = Array.from(await cqmix(sr, hr, mask).data(), (x) => Number(x.toFixed(1)));
  assert.deepEqual(mixed, [0.3, 0.3, 0.7, 0.7, 0.7, 0.7, 0.3, 0.3]);
});
