/**
 * Compares results with stored ones by the tolerance that is stored with each.
 *
 * Three forms: a scalar, a whole tensor, or a summary of a large one with samples at some flat
 * indices. Elements are in PyTorch's order (NCHW), so callers transpose images first.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";

/** Share of a change that may be wrong, however much slack is given. */
const MOST_OFF = 0.25;

/** A number as files hold it: JSON has no NaN and no infinities. */
export const stored = z.union([
  z.number(),
  z.literal(["NaN", "Infinity", "-Infinity"]).transform(Number),
]);

const tolerance = { tol: z.number().optional(), exact: z.literal(true).optional() };

const scalar = z.looseObject({ value: stored, ...tolerance });
const whole = z.looseObject({ shape: z.array(z.int()), data: z.array(stored), ...tolerance });
const summary = z.looseObject({
  shape: z.array(z.int()),
  tol: z.number(),
  mean: stored,
  std: stored,
  min: stored,
  max: stored,
  l1: stored,
  l2: stored,
  index: z.array(z.int()),
  value: z.array(stored),
});
const change = z.looseObject({
  shape: z.array(z.int()),
  norm: scalar,
  delta_norm: scalar,
  index: z.array(z.int()),
  value: z.array(stored),
  delta: z.array(stored),
  delta_rel_tol: z.number(),
});

/**
 * Checks one number.
 *
 * @param expected `{ value, tol }` or `{ value, exact: true }`
 * @param slack how many times the stored tolerance is allowed
 */
export function checkScalar(got: number, expected: unknown, label = "value", slack = 1): void {
  const { value, tol, exact } = scalar.parse(expected);
  checkNumber(got, value, exact === true ? 0 : slack * needed(tol, label), label);
}

/**
 * Checks a tensor, whole or sampled, whichever is stored.
 *
 * @param got the values in PyTorch's element order
 * @param expected `{ shape, data, … }` or `{ shape, mean, …, index, value }`
 * @param shape PyTorch's shape of what was got, where the caller knows it
 */
export function checkTensor(
  got: ArrayLike<number>,
  expected: unknown,
  label = "tensor",
  shape?: readonly number[],
): void {
  const full = whole.safeParse(expected);
  const wanted = full.success ? full.data : summary.parse(expected);
  const n = wanted.shape.reduce((a, b) => a * b, 1);
  if (shape !== undefined) assert.deepEqual([...shape], wanted.shape, `${label}: shape`);
  assert.equal(got.length, n, `${label}: number of values for [${wanted.shape}]`);
  if (full.success) {
    const { data, tol, exact } = full.data;
    const limit = exact === true ? 0 : needed(tol, label);
    data.forEach((value, i) => checkNumber(got[i], value, limit, `${label}[${i}]`));
  } else {
    checkSummary(got, summary.parse(expected), label);
  }
}

/**
 * Checks what training made of a parameter: norms, and the samples' change by relative error.
 *
 * @param before the parameter before training, PyTorch's element order
 * @param after the parameter now, likewise
 * @param expected `{ shape, norm, delta_norm, index, value, delta, delta_rel_tol }`
 * @param slack how many times the stored tolerances are allowed
 */
export function checkChange(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  expected: unknown,
  label = "parameter",
  slack = 1,
): void {
  const wanted = change.parse(expected);
  const n = wanted.shape.reduce((a, b) => a * b, 1);
  assert.equal(after.length, n, `${label}: number of values for [${wanted.shape}]`);
  const differences = Float64Array.from(after, (value, i) => value - before[i]);
  checkScalar(norm(after), wanted.norm, `${label}: norm`, slack);
  checkScalar(norm(differences), wanted.delta_norm, `${label}: norm of the change`, slack);
  const got = wanted.index.map((i) => differences[i]);
  const size = norm(wanted.delta);
  const off = norm(got.map((value, i) => value - wanted.delta[i]));
  const limit = Math.max(wanted.delta_rel_tol, Math.min(slack * wanted.delta_rel_tol, MOST_OFF));
  assert.ok(
    size === 0 ? off === 0 : off / size <= limit,
    `${label}: the change is off by ${off} for a norm of ${size}, more than ${limit}`,
  );
}

/**
 * Checks one number against another; NaN equals NaN only.
 *
 * @throws {assert.AssertionError} that says by how much it is off
 */
export function checkNumber(got: number, expected: number, tol: number, label: string): void {
  if (Object.is(got, expected) || got === expected) return;
  const off = Math.abs(got - expected);
  assert.ok(
    off <= tol,
    `${label}: got ${got}, expected ${expected}, off by ${off}, tolerance ${tol}`,
  );
}

function checkSummary(
  got: ArrayLike<number>,
  expected: z.infer<typeof summary>,
  label: string,
): void {
  const { tol, index, value } = expected;
  const n = got.length;
  index.forEach((at, i) => checkNumber(got[at], value[i], tol, `${label}[${at}]`));
  let [sum, l1, squares, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let i = 0; i < n; i++) {
    const x = got[i];
    sum += x;
    l1 += Math.abs(x);
    squares += x * x;
    // Not Math.min: a NaN must reach the sums, and it does there.
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const mean = sum / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (got[i] - mean) ** 2 / n;
  checkNumber(mean, expected.mean, tol, `${label}: mean`);
  checkNumber(Math.sqrt(variance), expected.std, tol, `${label}: standard deviation`);
  checkNumber(min, expected.min, tol, `${label}: minimum`);
  checkNumber(max, expected.max, tol, `${label}: maximum`);
  checkNumber(l1, expected.l1, tol * n, `${label}: sum of magnitudes`);
  checkNumber(Math.sqrt(squares), expected.l2, tol * Math.sqrt(n), `${label}: norm`);
}

function needed(tol: number | undefined, label: string): number {
  if (tol === undefined) throw new RangeError(`Cannot compare ${label}: no tolerance is stored`);
  return tol;
}

/** Root of the sum of squares. */
export function norm(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] ** 2;
  return Math.sqrt(squares);
}
