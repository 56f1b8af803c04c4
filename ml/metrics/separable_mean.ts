/**
 * Weighted means over windows, the same weights along both axes.
 *
 * @module
 */
import type { Plane } from "../image/plane.ts";

/** Weights of a Gaussian window, which sum to 1. @param side pixels, odd */
export function gaussianWindow(side: number, sigma: number): number[] {
  const half = (side - 1) / 2;
  const weights = Array.from(
    { length: side },
    (_, i) => Math.exp(-((i - half) ** 2) / 2 / sigma ** 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The mean around each pixel whose window lies inside.
 *
 * @param window weights along one axis, n of them
 * @returns n - 1 pixels less each way
 * @throws {RangeError} if the plane is smaller than the window
 */
export function separableMean({ width, height, data }: Plane, window: readonly number[]): Plane {
  const n = window.length;
  const [w, h] = [width - n + 1, height - n + 1];
  if (w < 1 || h < 1) {
    throw new RangeError(
      `Cannot look at ${width}x${height} through a window of ${n}x${n}: expected a larger picture`,
    );
  }
  const columns = new Float64Array(width * h);
  for (let y = 0; y < h; y++) {
    for (let t = 0; t < n; t++) {
      for (let x = 0; x < width; x++) {
        columns[y * width + x] += window[t] * data[(y + t) * width + x];
      }
    }
  }
  const result = new Float64Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += window[t] * columns[y * width + x + t];
      result[y * w + x] = sum;
    }
  }
  return { width: w, height: h, data: result };
}
