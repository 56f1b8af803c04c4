import fc from "fast-check";
import assert from "node:assert/strict";
import {
  boxAreas,
  clipBoxes,
  decodeBoxes,
  encodeBoxes,
  isAtLeast,
  pairwiseIou,
  scaleBoxes,
  takeBoxes,
} from "../../../../ml/tensor/ops/boxes.ts";

const side = fc.integer({ min: 1, max: 200 });
const place = fc.integer({ min: -50, max: 500 });
const box = fc.tuple(place, place, side, side)
  .map(([x, y, w, h]) => Float32Array.of(x, y, x + w, y + h));

Deno.test("pairwiseIou() is 1 for a box with itself, 0 for boxes that only touch", () => {
  const a = Float32Array.of(0, 0, 10, 10, 10, 0, 20, 10);
  assert.deepEqual([...pairwiseIou(a, a)], [1, 0, 0, 1]);
  const half = Float32Array.of(0, 0, 10, 5);
  assert.deepEqual([...pairwiseIou(a, half)], [0.5, 0]);
  assert.deepEqual([...boxAreas(a)], [100, 100]);
});

Deno.test("pairwiseIou() is NaN for two boxes without area", () => {
  const point = Float32Array.of(5, 5, 5, 5);
  assert.ok(Number.isNaN(pairwiseIou(point, point)[0]));
});

Deno.test("decodeBoxes() undoes encodeBoxes()", () => {
  fc.assert(
    fc.property(box, box, (target, reference) => {
      const weights = [10, 10, 5, 5] as const;
      const back = decodeBoxes(encodeBoxes(target, reference, weights), reference, weights);
      // A box more than 62.5 times larger is cut on purpose.
      const [w, h] = [reference[2] - reference[0], reference[3] - reference[1]];
      fc.pre((target[2] - target[0]) / w < 62 && (target[3] - target[1]) / h < 62);
      back.forEach((value, i) => assert.ok(Math.abs(value - target[i]) < 2e-3));
    }),
  );
});

Deno.test("decodeBoxes() takes several deltas per reference", () => {
  const references = Float32Array.of(0, 0, 10, 20, 100, 100, 110, 110);
  const deltas = new Float32Array(2 * 2 * 4);
  deltas[4] = 0.5; // second answer of the first reference: half a width to the right
  const boxes = decodeBoxes(deltas, references, [1, 1, 1, 1]);
  assert.deepEqual([...boxes], [
    0,
    0,
    10,
    20,
    5,
    0,
    15,
    20,
    100,
    100,
    110,
    110,
    100,
    100,
    110,
    110,
  ]);
});

Deno.test("clipBoxes() keeps boxes inside [0, width] x [0, height]", () => {
  const boxes = Float32Array.of(-3, -4, 10, 200, 30, 5, 120, 50);
  clipBoxes(boxes, [60, 100]);
  assert.deepEqual([...boxes], [0, 0, 10, 60, 30, 5, 100, 50]);
});

Deno.test("isAtLeast(), scaleBoxes() and takeBoxes() look at whole boxes", () => {
  const boxes = Float32Array.of(0, 0, 4, 2, 1, 1, 2, 2);
  assert.equal(isAtLeast(boxes, 0, 2), true);
  assert.equal(isAtLeast(boxes, 4, 2), false);
  assert.deepEqual([...scaleBoxes(boxes, 2, 3)], [0, 0, 8, 6, 2, 3, 4, 6]);
  assert.deepEqual([...takeBoxes(boxes, Int32Array.of(1, 0, 1))], [
    ...[1, 1, 2, 2],
    ...[0, 0, 4, 2],
    ...[1, 1, 2, 2],
  ]);
});
