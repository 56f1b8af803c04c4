import assert from "node:assert/strict";
import { rankOf, topAccuracy } from "../../../ml/metrics/accuracy.ts";

Deno.test("rankOf() counts the classes that score higher", () => {
  assert.deepEqual([0, 1, 2, 3].map((label) => rankOf([0.2, 0.9, -1, 0.5], label)), [2, 0, 3, 1]);
});

Deno.test("rankOf() puts the first of equal scores first", () => {
  assert.deepEqual([0, 1, 2].map((label) => rankOf([1, 1, 1], label)), [0, 1, 2]);
});

Deno.test("rankOf() puts a score that is no number behind all others", () => {
  assert.equal(rankOf([NaN, NaN, NaN], 0), 3);
  assert.equal(rankOf([0, NaN], 1), 2);
});

Deno.test("topAccuracy() is the percentage of ranks below k", () => {
  assert.equal(topAccuracy([0, 2, 4, 5], 1), 25);
  assert.equal(topAccuracy([0, 2, 4, 5], 5), 75);
  assert.equal(topAccuracy([], 1), null);
});
