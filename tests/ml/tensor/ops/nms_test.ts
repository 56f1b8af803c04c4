import fc from "fast-check";
import assert from "node:assert/strict";
import { pairwiseIou } from "../../../../ml/tensor/ops/boxes.ts";
import { nms } from "../../../../ml/tensor/ops/nms.ts";

/** Whole numbers in a small range, so that overlaps and ties are frequent. */
const boxes = fc.array(
  fc.record({
    x: fc.integer({ min: 0, max: 20 }),
    y: fc.integer({ min: 0, max: 20 }),
    w: fc.integer({ min: 0, max: 12 }),
    h: fc.integer({ min: 0, max: 12 }),
    score: fc.integer({ min: 0, max: 5 }),
    group: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: 40 },
);

Deno.test("nms() keeps what the obvious loop keeps", () => {
  fc.assert(
    fc.property(boxes, fc.constantFrom(0.3, 0.5, 0.7), (list, threshold) => {
      const flat = Float32Array.from(list.flatMap(({ x, y, w, h }) => [x, y, x + w, y + h]));
      const iou = pairwiseIou(flat, flat);
      const kept: number[] = [];
      const order = [...list.keys()].sort((a, b) => list[b].score - list[a].score || a - b);
      for (const i of order) {
        const rival = kept.some((k) =>
          list[k].group === list[i].group && iou[k * list.length + i] > threshold
        );
        if (!rival) kept.push(i);
      }
      const scores = Float32Array.from(list, ({ score }) => score);
      const groups = Int32Array.from(list, ({ group }) => group);
      assert.deepEqual([...nms(flat, scores, { threshold, groups })], kept);
      assert.deepEqual(
        [...nms(flat, scores, { threshold, groups, limit: 3 })],
        kept.slice(0, 3),
      );
    }),
  );
});

Deno.test("nms() keeps boxes whose overlap equals the threshold", () => {
  const boxes = Float32Array.of(0, 0, 10, 10, 0, 0, 10, 5);
  const scores = Float32Array.of(0.9, 0.8);
  assert.deepEqual([...nms(boxes, scores, { threshold: 0.5 })], [0, 1]);
  assert.deepEqual([...nms(boxes, scores, { threshold: 0.49 })], [0]);
});

Deno.test("nms() of nothing is nothing", () => {
  assert.deepEqual([...nms(new Float32Array(0), new Float32Array(0), { threshold: 0.5 })], []);
});
