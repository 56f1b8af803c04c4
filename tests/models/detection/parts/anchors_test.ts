import assert from "node:assert/strict";
import {
  cachedAnchors,
  cellAnchors,
  gridAnchors,
} from "../../../../models/detection/parts/anchors.ts";

Deno.test("cellAnchors() goes through all sizes of a ratio first and rounds half to even", () => {
  const cell = cellAnchors({ sizes: [32, 64], aspect_ratios: [0.5, 1], rounded: true });
  assert.deepEqual([...cell], [
    ...[-23, -11, 23, 11],
    ...[-45, -23, 45, 23],
    ...[-16, -16, 16, 16],
    ...[-32, -32, 32, 32],
  ]);
  const odd = { sizes: [19, 25], aspect_ratios: [1] };
  assert.deepEqual([...cellAnchors({ ...odd, rounded: true })].slice(2, 8), [
    ...[10, 10],
    ...[-12, -12, 12, 12],
  ]);
  assert.deepEqual([...cellAnchors({ ...odd, rounded: false })].slice(2, 8), [
    ...[9.5, 9.5],
    ...[-12.5, -12.5, 12.5, 12.5],
  ]);
});

Deno.test("gridAnchors() shifts by whole strides, map by map, row by row", () => {
  const cell = Float32Array.of(-1, -2, 1, 2);
  const anchors = gridAnchors(cell, [{ height: 2, width: 2 }, { height: 1, width: 1 }], [9, 6]);
  assert.deepEqual([...anchors], [
    ...[-1, -2, 1, 2],
    ...[2, -2, 4, 2],
    ...[-1, 2, 1, 6],
    ...[2, 2, 4, 6],
    ...[-1, -2, 1, 2],
  ]);
});

Deno.test("cachedAnchors() gives equal grids the same array and forgets old ones", () => {
  const anchors = cachedAnchors({ sizes: [8], aspect_ratios: [1], rounded: true });
  const levels = [{ height: 2, width: 2 }];
  const kept = anchors(levels, [32, 32]);
  assert.equal(anchors([{ height: 2, width: 2 }], [32, 32]), kept);
  for (let side = 1; side <= 8; side++) anchors([{ height: side, width: 1 }], [64, 64]);
  assert.notEqual(anchors(levels, [32, 32]), kept);
  assert.deepEqual(anchors(levels, [32, 32]), kept);
});
