/**
 * Structural similarity.
 *
 * Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to Structural
 * Similarity", IEEE Transactions on Image Processing 13(4), 2004, equations 13 to 17.
 *
 * @module
 */
import type { Plane } from "../image/plane.ts";
import { requireSameSize } from "./plane_error.ts";
import { gaussianWindow, separableMean } from "./separable_mean.ts";

/** The paper's constants. */
const K1 = 0.01, K2 = 0.03;

/** Weights along each axis. */
const WINDOWS = {
  /** The paper's, 11x11 with sigma 1.5, as in the authors' `ssim.m`. */
  gaussian: gaussianWindow(11, 1.5),
  /** 7x7 with equal weights, the default of scikit-image's `structural_similarity`. */
  uniform: Array<number>(7).fill(1 / 7),
};

/** How SSIM is computed. */
export interface SsimOptions {
  /** The difference of white and black. Default 255. */
  peak?: number;
  /** Default the paper's `gaussian`; `uniform` divides covariances by one less, as scikit-image. */
  window?: keyof typeof WINDOWS;
}

/**
 * SSIM of one channel: the mean over all windows that lie inside. Of several channels, take the
 * mean; of colour pictures, super-resolution measures Y.
 *
 * Known number: 1 for equal pictures, and only for them; constant pictures of 0 and 255 have
 * 0.00010 (K1² / (1 + K1²)).
 *
 * @returns at most 1; below 0 where structures are inverted
 * @throws {RangeError} if sizes differ or a picture is smaller than the window
 */
export function ssim(a: Plane, b: Plane, options: SsimOptions = {}): number {
  const { peak = 255, window = "gaussian" } = options;
  requireSameSize(a, b);
  const weights = WINDOWS[window];
  const mean = (plane: Plane) => separableMean(plane, weights).data;
  const product = (x: Plane, y: Plane): Plane => ({
    ...x,
    data: x.data.map((value, i) => value * y.data[i]),
  });
  const [ma, mb] = [mean(a), mean(b)];
  const [aa, bb, ab] = [mean(product(a, a)), mean(product(b, b)), mean(product(a, b))];
  const pixels = weights.length ** 2;
  const factor = window === "uniform" ? pixels / (pixels - 1) : 1;
  const [c1, c2] = [(K1 * peak) ** 2, (K2 * peak) ** 2];
  let sum = 0;
  for (let i = 0; i < ma.length; i++) {
    const variances = factor * (aa[i] - ma[i] ** 2 + bb[i] - mb[i] ** 2);
    const covariance = factor * (ab[i] - ma[i] * mb[i]);
    const luminance = (2 * ma[i] * mb[i] + c1) / (ma[i] ** 2 + mb[i] ** 2 + c1);
    sum += luminance * (2 * covariance + c2) / (variances + c2);
  }
  return sum / ma.length;
}
