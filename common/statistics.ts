/**
 * Means, their spread, and whether two of them differ by more than that.
 *
 * @module
 */

/** What several values of one thing come to. */
export interface Summary {
  /** How many values. */
  n: number;
  mean: number;
  /** Of the sample, with n − 1; absent for a single value. */
  deviation?: number;
}

/** The difference of two means. */
export interface MeanDifference {
  difference: number;
  /** Half the width of its 95 % interval; absent if a side has a single value. */
  margin?: number;
  /** Whether the interval leaves out zero; absent if it is not known. */
  larger?: boolean;
}

/**
 * Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; with more it is close to
 * the normal distribution's 1.96.
 */
const T95 = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
  ...[2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042],
];

/** @param values at least one */
export function summarize(values: number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { n, mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, deviation: Math.sqrt(squares / (n - 1)) };
}

/**
 * Compares two means, whose values may spread differently.
 *
 * Welch, "The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 1947. Degrees of freedom are rounded down.
 */
export function compareMeans(a: Summary, b: Summary): MeanDifference {
  const difference = a.mean - b.mean;
  if (a.deviation === undefined || b.deviation === undefined) return { difference };
  const [va, vb] = [a.deviation ** 2 / a.n, b.deviation ** 2 / b.n];
  const variance = va + vb;
  if (variance === 0) return { difference, margin: 0, larger: difference !== 0 };
  const freedom = variance ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  const quantile = T95[Math.floor(freedom) - 1] ?? 1.96;
  const margin = quantile * Math.sqrt(variance);
  return { difference, margin, larger: Math.abs(difference) > margin };
}
