import assert from "node:assert/strict";
import { classColour, paintClasses } from "../../../ml/evaluation/class_colours.ts";

Deno.test("classes have Pascal VOC's colours", () => {
  assert.deepEqual(classColour(0), [0, 0, 0]);
  assert.deepEqual(classColour(1), [128, 0, 0]);
  assert.deepEqual(classColour(2), [0, 128, 0]);
  assert.deepEqual(classColour(15), [192, 128, 128]);
  assert.deepEqual(classColour(20), [0, 64, 128]);
  assert.deepEqual(classColour(255), [224, 224, 192]);
});

Deno.test("no two classes have the same colour", () => {
  const colours = Array.from({ length: 256 }, (_, label) => classColour(label).join());
  assert.equal(new Set(colours).size, 256);
});

Deno.test("a picture of classes has a colour for each pixel, row by row", () => {
  const { width, height, data } = paintClasses(Uint8Array.of(0, 1, 255, 2, 0, 1), 3, 2);
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual([...data], [
    ...[0, 0, 0, 128, 0, 0, 224, 224, 192],
    ...[0, 128, 0, 0, 0, 0, 128, 0, 0],
  ]);
});
