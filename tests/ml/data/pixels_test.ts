import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { cropPicture, toPicture, toPictures, toTensor, toUnit } from "../../../ml/data/pixels.ts";

const picture = { width: 2, height: 3, data: Uint8Array.from({ length: 18 }, (_, i) => i * 15) };

Deno.test("toUnit() divides by 255 in single precision", () => {
  assert.deepEqual(
    [...toUnit(new Uint8Array([0, 1, 128, 255]))],
    [0, 1 / 255, 128 / 255, 1].map(Math.fround),
  );
});

Deno.test("toUnit() writes into a longer array", () => {
  const out = new Float32Array(3);
  toUnit(new Uint8Array([255]), out, 1);
  assert.deepEqual([...out], [0, 1, 0]);
});

Deno.test("toTensor() and toPicture() are inverse", async () => {
  await tf.setBackend("wasm");
  const x = toTensor(picture);
  assert.deepEqual(x.shape, [3, 2, 3]);
  assert.deepEqual(await toPicture(x), picture);
  assert.deepEqual(await toPictures(tf.stack([x, x]) as tf.Tensor4D), [picture, picture]);
});

Deno.test("toPicture() clamps, and rounds halves to the even neighbour", async () => {
  await tf.setBackend("wasm");
  const x = tf.tensor3d([-1, 2, 0.5 / 255, 1.5 / 255, 2.5 / 255, 2.6 / 255], [1, 2, 3]);
  assert.deepEqual([...(await toPicture(x)).data], [0, 255, 0, 2, 2, 3]);
});

Deno.test("cropPicture() cuts a window out and refuses one that is not inside", () => {
  assert.deepEqual(cropPicture(picture, 1, 1, 1, 2), {
    width: 1,
    height: 2,
    data: new Uint8Array([135, 150, 165, 225, 240, 255]),
  });
  assert.throws(() => cropPicture(picture, 1, 0, 2, 1), {
    name: "RangeError",
    message: "Cannot cut 2x1 at (1, 0) out of 2x3",
  });
});
