import assert from "node:assert/strict";
import {
  BACKGROUND,
  candidatesOf,
  IGNORED,
  matchBoxes,
  sample,
} from "../../../../models/detection/parts/matching.ts";
import { first } from "../scene.ts";

const objects = Float32Array.of(0, 0, 10, 10, 100, 100, 110, 110);
const boxes = Float32Array.of(
  ...[0, 0, 10, 9], // IoU 0.9 with the first object
  ...[0, 0, 10, 5], // 0.5
  ...[0, 0, 10, 2], // 0.2
  ...[100, 100, 110, 104], // 0.4, the best there is for the second object
  ...[50, 50, 60, 60],
);
const rpn = { foreground: 0.7, background: 0.3, keepBest: false };

Deno.test("matchBoxes() tells objects, background and what lies between", () => {
  assert.deepEqual(
    [...matchBoxes(boxes, objects, rpn)],
    [0, IGNORED, BACKGROUND, IGNORED, BACKGROUND],
  );
});

Deno.test("matchBoxes() keeps each object's best box", () => {
  assert.deepEqual(
    [...matchBoxes(boxes, objects, { ...rpn, keepBest: true })],
    [0, IGNORED, BACKGROUND, 1, BACKGROUND],
  );
});

Deno.test("matchBoxes() gives a kept box the object that it overlaps most itself", () => {
  const rivals = Float32Array.of(0, 0, 10, 10, 0, 0, 10, 30);
  // The only box is the best of both; it overlaps the second more.
  const one = Float32Array.of(0, 0, 10, 20);
  assert.deepEqual([...matchBoxes(one, rivals, { ...rpn, keepBest: true })], [1]);
});

Deno.test("matchBoxes() without objects is all background", () => {
  assert.deepEqual(
    [...matchBoxes(boxes, new Float32Array(0), { ...rpn, keepBest: true })],
    Array(5).fill(BACKGROUND),
  );
});

Deno.test("sample() limits objects to their fraction and fills up with background", () => {
  const candidates = candidatesOf(Int32Array.of(0, 1, -1, 0, -1, -2, -1, 1));
  assert.deepEqual([...candidates.positive], [0, 1, 3, 7]);
  assert.deepEqual([...candidates.negative], [2, 4, 6]);
  const some = sample(candidates, first, { count: 4, positiveFraction: 0.5 });
  assert.deepEqual([[...some.positive], [...some.negative]], [[0, 1], [2, 4]]);
  const all = sample(candidates, first, { count: 100, positiveFraction: 0.5 });
  assert.deepEqual([[...all.positive], [...all.negative]], [[0, 1, 3, 7], [2, 4, 6]]);
});

Deno.test("sample() returns indices in rising order whatever the sampler's order", () => {
  const candidates = candidatesOf(Int32Array.of(0, 0, 0, -1, -1));
  const backwards = sample(candidates, (list, n) => list.slice().reverse().slice(0, n), {
    count: 4,
    positiveFraction: 0.5,
  });
  assert.deepEqual([[...backwards.positive], [...backwards.negative]], [[1, 2], [3, 4]]);
});
