import fc from "fast-check";
import assert from "node:assert/strict";
import { highest } from "../../../../ml/tensor/ops/order.ts";

Deno.test("highest() sorts falling and keeps the order of equal scores", () => {
  const scores = Float32Array.of(0.5, -1, 0.5, 3, -0, 0, -1e-38, 3);
  assert.deepEqual([...highest(scores)], [3, 7, 0, 2, 4, 5, 6, 1]);
  assert.deepEqual([...highest(scores, 3)], [3, 7, 0]);
  assert.deepEqual([...highest(Float32Array.of())], []);
});

Deno.test("highest() agrees with sorting by comparison", () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, maxLength: 60 }), fc.nat(60), (scores, count) => {
      const expected = [...scores.keys()].sort((a, b) => {
        if (scores[a] === scores[b]) return a - b;
        return scores[a] > scores[b] ? -1 : 1;
      });
      assert.deepEqual([...highest(scores)], expected);
      assert.deepEqual([...highest(scores, count)], expected.slice(0, count));
    }),
  );
});

Deno.test("highest() sorts a part of a larger array", () => {
  const all = Float32Array.of(9, 1, 2, 3, 9);
  assert.deepEqual([...highest(all.subarray(1, 4))], [2, 1, 0]);
});

Deno.test("highest() says how many scores are too many", () => {
  assert.throws(() => highest(new Float32Array(2 ** 20 + 1)), {
    name: "RangeError",
    message: "Cannot sort 1048577 scores: expected at most 1048576",
  });
});
