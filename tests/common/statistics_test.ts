import assert from "node:assert/strict";
import { compareMeans, summarize } from "../../common/statistics.ts";

const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? NaN) - expected) < 5e-4, `${actual} is not ${expected}`);

Deno.test("summarize() gives the sample's mean and standard deviation", () => {
  assert.deepEqual(summarize([2, 4, 4, 4, 5, 5, 7, 9].slice(0, 1)), { n: 1, mean: 2 });
  const { n, mean, deviation } = summarize([35.9, 37.0, 35.6]);
  assert.equal(n, 3);
  near(mean, 36.1667);
  near(deviation, 0.7371);
});

// Welch's degrees of freedom are 2.33 here, so the quantile is that of 2: 4.303.
Deno.test("compareMeans() knows what is within the spread and what is not", () => {
  const sr4ir = summarize([35.9, 37.0, 35.6]);
  const joint = summarize([30.5, 35.6, 32.7]);
  const close = compareMeans(sr4ir, joint);
  near(close.difference, 3.2333);
  near(close.margin, 6.6135);
  assert.equal(close.larger, false);
  const far = compareMeans(sr4ir, summarize([20, 21, 20.5]));
  near(far.difference, 15.6667);
  assert.equal(far.larger, true);
});

Deno.test("compareMeans() claims nothing from single values", () => {
  assert.deepEqual(compareMeans(summarize([3]), summarize([1, 2])), { difference: 1.5 });
  const constant = compareMeans(summarize([3, 3]), summarize([1, 1]));
  assert.deepEqual(constant, { difference: 2, margin: 0, larger: true });
});
