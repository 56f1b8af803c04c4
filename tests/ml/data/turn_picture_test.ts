import assert from "node:assert/strict";
import { turnPicture } from "../../../ml/data/turn_picture.ts";
import type { Picture } from "../../../ml/image/picture.ts";

/** Pixel n has the channels n, n + 10, n + 20. */
const picture = (width: number, height: number, pixels: number[]): Picture => ({
  width,
  height,
  data: Uint8Array.from(pixels.flatMap((n) => [n, n + 10, n + 20])),
});

Deno.test("a picture is turned to the left by right angles", () => {
  const flat = picture(3, 2, [
    ...[1, 2, 3],
    ...[4, 5, 6],
  ]);
  assert.deepEqual(turnPicture(flat, 0), flat);
  assert.deepEqual(turnPicture(flat, 1), picture(2, 3, [3, 6, 2, 5, 1, 4]));
  assert.deepEqual(turnPicture(flat, 2), picture(3, 2, [6, 5, 4, 3, 2, 1]));
  assert.deepEqual(turnPicture(flat, 3), picture(2, 3, [4, 1, 5, 2, 6, 3]));
  assert.deepEqual(turnPicture(flat, 4), flat);
});
