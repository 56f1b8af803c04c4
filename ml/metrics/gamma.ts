/**
 * The gamma function.
 *
 * @module
 */

/** Lanczos' coefficients for g = 7, n = 9, in Godfrey's precision. */
const COEFFICIENTS = [
  0.99999999999980993,
  676.5203681218851,
  -1259.1392167224028,
  771.32342877765313,
  -176.61502916214059,
  12.507343278686905,
  -0.13857109526572012,
  9.9843695780195716e-6,
  1.5056327351493116e-7,
];

/**
 * Γ(x) for positive x, to 14 digits or so.
 *
 * Known numbers: Γ(5) = 24, Γ(1/2) = √π.
 *
 * Source: Lanczos, "A Precision Approximation of the Gamma Function", SIAM Journal on Numerical
 * Analysis B 1, 1964.
 */
export function gamma(x: number): number {
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const z = x - 1;
  const sum = COEFFICIENTS.reduce((sum, c, i) => i === 0 ? c : sum + c / (z + i), 0);
  const t = z + 7.5;
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * sum;
}
