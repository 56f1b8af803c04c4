import assert from "node:assert/strict";
import {
  resizeBilinear,
  resizeNearest,
  resizeShortSide,
  shortSideSize,
} from "../../../ml/image/pillow_resize.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import cases from "./pillow_resize.json" with { type: "json" };

for (const { from: [width, height], to, input, output } of cases.bilinear) {
  Deno.test(`resizeBilinear() from ${width}x${height} to ${to.join("x")} is Pillow's`, () => {
    const resized = resizeBilinear({ width, height, data: bytes(input) }, sizeOf(to));
    assert.deepEqual(resized, { ...sizeOf(to), data: bytes(output) });
  });
}

for (const { from: [width, height], to, input, output } of cases.nearest) {
  Deno.test(`resizeNearest() from ${width}x${height} to ${to.join("x")} is Pillow's`, () => {
    const resized = resizeNearest({ width, height, data: bytes(input) }, sizeOf(to));
    assert.deepEqual(resized, bytes(output));
  });
}

Deno.test("shortSideSize() cuts the longer side to whole pixels", () => {
  assert.deepEqual(shortSideSize({ width: 500, height: 375 }, 520), { width: 693, height: 520 });
  assert.deepEqual(shortSideSize({ width: 333, height: 500 }, 256), { width: 256, height: 384 });
  assert.deepEqual(shortSideSize({ width: 7, height: 7 }, 4), { width: 4, height: 4 });
});

Deno.test("resizeShortSide() leaves a picture of that size as it is", () => {
  const picture = blankPicture(8, 5, [1, 2, 3]);
  assert.equal(resizeShortSide(picture, 5), picture);
  assert.deepEqual(resizeShortSide(picture, 10), blankPicture(16, 10, [1, 2, 3]));
});

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function sizeOf([width, height]: number[]) {
  return { width, height };
}
