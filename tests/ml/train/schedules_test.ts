import assert from "node:assert/strict";
import {
  cosine,
  linear,
  multiStep,
  restartingCosine,
  riseAndFall,
  warmUpThen,
} from "../../../ml/train/schedules.ts";

Deno.test("restartingCosine() runs at the minimum at a cycle's end and jumps one step later", () => {
  const rate = restartingCosine({ base: 1, etaMin: 0.1, periods: [4, 4] });
  assert.deepEqual([3, 4, 5, 8, 9].map((i) => rate(i).toFixed(4)), [
    "0.2318",
    "0.1000",
    "0.8682",
    "0.1000",
    "0.1000",
  ]);
});

Deno.test("restartingCosine() wants one weight per period", () => {
  assert.throws(() => restartingCosine({ base: 1, periods: [4, 4], restartWeights: [1] }), {
    name: "RangeError",
    message: "Cannot make a schedule of 2 periods with 1 restart weights: expected one for each",
  });
});

Deno.test("detection's rate with N = 10 is the published one", () => {
  const main = restartingCosine({ base: 0.02, etaMin: 1e-4, periods: [20, 270] });
  const rate = warmUpThen(main, 0.02, 10);
  const iterations = [0, 1, 5, 9, 10, 11, 15, 20, 29, 30, 31];
  assert.deepEqual(iterations.map((i) => Number(rate(i).toFixed(6))), [
    0.002,
    0.0038,
    0.011,
    0.0182,
    0.02,
    0.019877,
    0.017086,
    0.01005,
    0.000223,
    0.0001,
    0.019999,
  ]);
});

Deno.test("cosine() rises again after its period", () => {
  const rate = cosine({ base: 1, period: 2 });
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => Number(rate(i).toFixed(6))), [1, 0.5, 0, 0.5, 1]);
});

Deno.test("linear() stays at the base rate once it is reached", () => {
  const rate = linear({ base: 8, startFactor: 0.5, iterations: 2 });
  assert.deepEqual([0, 1, 2, 3].map(rate), [4, 6, 8, 8]);
});

Deno.test("multiStep() counts a milestone twice that is listed twice, and forgets at a restart", () => {
  const rate = multiStep({
    base: 8,
    milestones: [1, 1, 4],
    gamma: 0.5,
    restarts: [{ at: 3, weight: 0.5 }],
  });
  assert.deepEqual([0, 1, 2, 3, 4].map(rate), [8, 2, 2, 4, 2]);
});

Deno.test("riseAndFall() rises in the iterations it is given and falls in the rest", () => {
  const rate = riseAndFall({ base: 1, etaMin: 0, rise: 2, iterations: 6 });
  assert.deepEqual([0, 1, 2, 4, 6].map((i) => rate(i).toFixed(3)), [
    "0.500",
    "0.750",
    "1.000",
    "0.500",
    "0.000",
  ]);
  const published = riseAndFall({ base: 1, etaMin: 0, rise: 2, iterations: 6, period: 6 });
  assert.equal(published(5).toFixed(3), "0.500"); // half-way down when the training ends
  const short = riseAndFall({ base: 1, etaMin: 0, rise: 20, iterations: 1 });
  assert.equal(short(0), 1);
});
