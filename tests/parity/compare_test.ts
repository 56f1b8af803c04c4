import assert from "node:assert/strict";
import { checkChange, checkScalar, checkTensor } from "./compare.ts";

const fails = (check: () => void, message: string) => assert.throws(check, { message });

Deno.test("checkScalar() allows the tolerance and not more", () => {
  checkScalar(1.5, { value: 1, tol: 0.5 });
  fails(
    () => checkScalar(1.625, { value: 1, tol: 0.5 }),
    "value: got 1.625, expected 1, off by 0.625, tolerance 0.5",
  );
  fails(
    () => checkScalar(5, { value: 4, exact: true }),
    "value: got 5, expected 4, off by 1, tolerance 0",
  );
});

Deno.test("NaN equals NaN only", () => {
  checkScalar(NaN, { value: "NaN", tol: 1 });
  assert.throws(() => checkScalar(0, { value: "NaN", tol: 1 }));
  assert.throws(() => checkScalar(NaN, { value: 0, tol: 1 }));
  assert.throws(() => checkTensor([NaN], { shape: [1], data: [0], tol: 1 }));
});

Deno.test("infinities equal themselves only", () => {
  checkScalar(Infinity, { value: "Infinity", tol: 1 });
  assert.throws(() => checkScalar(-Infinity, { value: "Infinity", tol: 1 }));
  assert.throws(() => checkScalar(1e308, { value: "Infinity", tol: 1 }));
});

Deno.test("checkTensor() compares the number of values, the shape and each value", () => {
  const expected = { shape: [1, 2], data: [1, 2], tol: 0.25 };
  checkTensor([1, 2.25], expected, "x", [1, 2]);
  fails(
    () => checkTensor([1, 2.5], expected, "x"),
    "x[1]: got 2.5, expected 2, off by 0.5, tolerance 0.25",
  );
  assert.throws(() => checkTensor([1, 2, 3], expected));
  assert.throws(() => checkTensor([1, 2], expected, "x", [2, 1]));
});

/** Of [3, -4, 0, 0]. */
const summary = {
  shape: [2, 2],
  tol: 0.01,
  mean: -0.25,
  std: Math.sqrt(25 / 4 - 1 / 16),
  min: -4,
  max: 3,
  l1: 7,
  l2: 5,
  index: [1],
  value: [-4],
};

Deno.test("checkTensor() compares a summary by each of its numbers", () => {
  checkTensor([3, -4, 0, 0], summary);
  for (const key of ["mean", "std", "min", "max", "l1", "l2"] as const) {
    assert.throws(() => checkTensor([3, -4, 0, 0], { ...summary, [key]: summary[key] + 0.1 }));
  }
  assert.throws(() => checkTensor([3, -4, 0, 0], { ...summary, value: [-3.9] }));
  assert.throws(() => checkTensor([NaN, -4, 0, 0], summary));
});

Deno.test("checkChange() compares norms, and the change by its relative error", () => {
  const expected = {
    shape: [2],
    norm: { value: 5, tol: 1e-6 },
    delta_norm: { value: 1, tol: 0.1 },
    index: [0],
    value: [3],
    delta: [-1],
    delta_rel_tol: 0.01,
  };
  checkChange([4, 4], [3, 4], expected);
  assert.throws(() => checkChange([4.05, 4], [3, 4], expected));
  assert.throws(() => checkChange([4, 4], [3, 5], expected));
  const still = { ...expected, delta_norm: { value: 0, tol: 0.1 }, delta: [0] };
  checkChange([3, 4], [3, 4], still);
  assert.throws(() => checkChange([3.00001, 4], [3, 4], still));
});
