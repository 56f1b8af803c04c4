/**
 * Natural-scene statistics: how brightness varies in a block of a picture, in 18 numbers.
 *
 * Lasmar, Stitou and Berthoumieu, "Multiscale Skewed Heavy Tailed Model for Texture Analysis", ICIP
 * 2009 (the asymmetric generalised Gaussian); Mittal, Moorthy and Bovik, "No-Reference Image Quality
 * Assessment in the Spatial Domain", IEEE Transactions on Image Processing 21(12), 2012.
 *
 * @module
 */
import type { Plane } from "../image/plane.ts";
import { gamma } from "./gamma.ts";
import { gaussianWindow, separableMean } from "./separable_mean.ts";

/** MATLAB's `fspecial("gaussian", 7, 7/6)`. */
const WINDOW = gaussianWindow(7, 7 / 6);

/**
 * (x - mean) / (deviation + 1), both over Gaussian windows around each pixel; beyond its edge the
 * plane goes on as at the edge.
 *
 * @param plane in 0 … 255
 */
export function contrastNormalized(plane: Plane): Plane {
  const padded = repeatEdge(plane, (WINDOW.length - 1) / 2);
  const mean = separableMean(padded, WINDOW).data;
  const square = separableMean({ ...padded, data: padded.data.map((x) => x * x) }, WINDOW).data;
  const data = plane.data.map((x, i) => {
    // In float32, as BasicSR: the difference of two large numbers tells them apart in the fifth digit.
    const variance = Math.fround(square[i]) - Math.fround(Math.fround(mean[i]) ** 2);
    return (x - mean[i]) / (Math.sqrt(Math.abs(variance)) + 1);
  });
  return { ...plane, data };
}

/** Neighbours whose products are looked at: rows down, columns right. */
const SHIFTS = [[0, 1], [1, 0], [1, 1], [1, -1]];

/**
 * Shape and mean deviation of the values; then for the products with the neighbours to the left,
 * above, above left and above right: shape, mean, left and right deviation.
 *
 * @param block contrast-normalised
 * @returns 18 numbers, NaN in them where values of one sign are missing
 */
export function sceneFeatures(block: Plane): number[] {
  const { shape, left, right } = fitGaussian(block.data);
  const features = [shape, (left + right) / 2];
  for (const [down, across] of SHIFTS) {
    const { shape, left, right } = fitGaussian(timesRolled(block, down, across));
    const mean = (right - left) * (gamma(2 / shape) / gamma(1 / shape));
    features.push(shape, mean, left, right);
  }
  return features;
}

/** The shapes that are tried, and for each the ratio of moments that tells it. */
const SHAPES = Float64Array.from({ length: 9801 }, (_, i) => 0.2 + i * 0.001);
const RATIOS = SHAPES.map((shape) => {
  const r = 1 / shape;
  return gamma(2 * r) ** 2 / (gamma(r) * gamma(3 * r));
});

/** Fits an asymmetric generalised Gaussian by its moments. */
function fitGaussian(values: Float64Array): { shape: number; left: number; right: number } {
  let negative = 0, positive = 0, negatives = 0, positives = 0, absolute = 0;
  for (const value of values) {
    absolute += Math.abs(value);
    if (value < 0) {
      negative += value ** 2;
      negatives++;
    } else if (value > 0) {
      positive += value ** 2;
      positives++;
    }
  }
  const [leftStd, rightStd] = [Math.sqrt(negative / negatives), Math.sqrt(positive / positives)];
  const skew = leftStd / rightStd;
  const n = values.length;
  const ratio = (absolute / n) ** 2 / ((negative + positive) / n);
  const wanted = ratio * (skew ** 3 + 1) * (skew + 1) / (skew ** 2 + 1) ** 2;
  const shape = SHAPES[nearestRatio(wanted)];
  const width = Math.sqrt(gamma(1 / shape) / gamma(3 / shape));
  return { shape, left: leftStd * width, right: rightStd * width };
}

/** Ratios rise with the shape. NaN gives the first one, whose deviations are NaN all the same. */
function nearestRatio(wanted: number): number {
  let [low, high] = [0, RATIOS.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (RATIOS[middle] <= wanted) low = middle;
    else high = middle;
  }
  return (RATIOS[high] - wanted) ** 2 < (RATIOS[low] - wanted) ** 2 ? high : low;
}

/** Each value times the one `down` rows above and `across` columns to the left, round the edges. */
function timesRolled({ width, height, data }: Plane, down: number, across: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = (y - down + height) % height * width;
    for (let x = 0; x < width; x++) {
      result[y * width + x] = data[y * width + x] * data[row + (x - across + width) % width];
    }
  }
  return result;
}

function repeatEdge({ width, height, data }: Plane, border: number): Plane {
  const [w, h] = [width + 2 * border, height + 2 * border];
  const inside = (i: number, length: number) => Math.min(length - 1, Math.max(0, i - border));
  const result = Float64Array.from(
    { length: w * h },
    (_, i) => data[inside(Math.floor(i / w), height) * width + inside(i % w, width)],
  );
  return { width: w, height: h, data: result };
}
