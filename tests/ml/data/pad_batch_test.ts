import assert from "node:assert/strict";
import { padBatch, paddedSize } from "../../../ml/data/pad_batch.ts";

const bytes = (length: number) => new Uint8Array(length);

/** One channel, rows of numbers. */
function pad(rows: number[][][], s: number): number[][][] {
  const images = rows.map((image) => ({
    height: image.length,
    width: image[0].length,
    data: Uint8Array.from(image.flat()),
  }));
  const { data, size: [H, W] } = padBatch(images, s, bytes, { channels: 1 });
  return images.map((_, b) =>
    Array.from({ length: H }, (_, y) => [...data.subarray((b * H + y) * W, (b * H + y + 1) * W)])
  );
}

Deno.test("paddedSize() is the largest height and width, rounded up", () => {
  assert.deepEqual(paddedSize([[5, 3], [2, 9]], 4), [8, 12]);
  assert.deepEqual(paddedSize([[8, 12]], 4), [8, 12]);
  assert.throws(() => paddedSize([], 4), RangeError);
});

Deno.test("padBatch() reflects where the missing part is smaller than the image", () => {
  assert.deepEqual(pad([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], 4), [[
    [1, 2, 3, 2],
    [4, 5, 6, 5],
    [7, 8, 9, 8],
    [4, 5, 6, 5],
  ]]);
});

Deno.test("padBatch() repeats the border where it is not, each image for itself", () => {
  assert.deepEqual(pad([[[1, 2], [3, 4]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]]], 4), [
    [[1, 2, 2, 2], [3, 4, 4, 4], [3, 4, 4, 4], [3, 4, 4, 4]],
    [[1, 2, 3, 2], [4, 5, 6, 5], [7, 8, 9, 8], [4, 5, 6, 5]],
  ]);
});

Deno.test("padBatch() leaves images of the right size as they are", () => {
  const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => i);
  const batch = padBatch([{ width: 4, height: 4, data }], 4, bytes);
  assert.deepEqual(batch, { data, size: [4, 4] });
});
