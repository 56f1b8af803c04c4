/**
 * NIQE: how unnatural a picture looks, without an original to compare with.
 *
 * Mittal, Soundararajan and Bovik, "Making a 'Completely Blind' Image Quality Analyzer", IEEE Signal
 * Processing Letters 20(3), 2013; computed as BasicSR's `calculate_niqe` and the authors'
 * `computequality.m` do. SR4IR's own NIQE rounds pictures in [0, 1] to black and white, and swaps red and blue; this
 * one does neither.
 *
 * @module
 */
import { matlabResizePlane } from "../image/matlab_resize.ts";
import { insideBorder, type Plane } from "../image/plane.ts";
import { contrastNormalized, sceneFeatures } from "./natural_scene.ts";
import { COVARIANCE, MEAN } from "./niqe_model.ts";

/** Side of a block in the whole picture, pixels; half of it at half size. */
const BLOCK = 96;

/**
 * Distance of a picture's statistics from those of natural photographs.
 *
 * Known numbers: about 2 to 6 for photographs, higher for worse ones.
 *
 * @param plane Y in 16 … 235, see `luma()`
 * @param border pixels cut from every side
 * @returns 0 or more, smaller is better
 * @throws {RangeError} if fewer than two blocks of 96x96 pixels fit that are not flat
 */
export function niqe(plane: Plane, border = 0): number {
  const blocks = blockFeatures(insideBorder(plane, border));
  const means = MEAN.map((_, k) => {
    const known = blocks.map((features) => features[k]).filter((value) => !Number.isNaN(value));
    return known.reduce((a, b) => a + b, 0) / known.length;
  });
  const covariance = covarianceOf(blocks.filter((features) => !features.some(Number.isNaN)));
  const natural = naturalCovariance();
  const pooled = natural.map((row, i) => row.map((value, j) => (value + covariance[i][j]) / 2));
  return mahalanobis(MEAN.map((value, k) => value - means[k]), pooled);
}

/** 36 numbers for each block: 18 at full and 18 at half size. */
function blockFeatures({ width, height, data }: Plane): number[][] {
  const [columns, rows] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)];
  if (columns * rows < 2) {
    throw new RangeError(
      `Cannot tell how natural ${width}x${height} pixels are: ` +
        `expected two blocks of ${BLOCK}x${BLOCK} or more`,
    );
  }
  const cut = window({ width, height, data }, 0, 0, columns * BLOCK, rows * BLOCK);
  const sizes = [cut, matlabResizePlane(cut, 0.5)].map(contrastNormalized);
  const features: number[][] = [];
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      features.push(sizes.flatMap((plane, half) => {
        const side = half === 0 ? BLOCK : BLOCK / 2;
        return sceneFeatures(window(plane, x * side, y * side, side, side));
      }));
    }
  }
  return features;
}

function window(plane: Plane, left: number, top: number, width: number, height: number): Plane {
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * plane.width + left;
    data.set(plane.data.subarray(from, from + width), y * width);
  }
  return { width, height, data };
}

/** Divided by one less than there are rows, as NumPy's `cov`. */
function covarianceOf(rows: readonly number[][]): number[][] {
  if (rows.length < 2) {
    throw new RangeError(
      `Cannot tell how natural the picture is: ${rows.length} of its blocks vary, expected two`,
    );
  }
  const n = rows.length;
  const means = MEAN.map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / n);
  return means.map((mi, i) =>
    means.map((mj, j) =>
      rows.reduce((sum, row) => sum + (row[i] - mi) * (row[j] - mj), 0) / (n - 1)
    )
  );
}

function naturalCovariance(): number[][] {
  const n = MEAN.length;
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) matrix[i][j] = matrix[j][i] = COVARIANCE[at++];
  }
  return matrix;
}

/**
 * sqrt(dᵀ·M⁻¹·d), by Cholesky's decomposition: the model's covariance is positive definite, and so
 * is its mean with any other.
 */
function mahalanobis(d: readonly number[], M: readonly (readonly number[])[]): number {
  const L = M.map(() => new Array<number>(d.length).fill(0));
  const y: number[] = []; // L·y = d
  for (let i = 0; i < d.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = M[i][j];
      for (let k = 0; k < j; k++) rest -= L[i][k] * L[j][k];
      L[i][j] = i === j ? Math.sqrt(rest) : rest / L[j][j];
    }
    y.push((d[i] - y.reduce((sum, value, k) => sum + L[i][k] * value, 0)) / L[i][i]);
  }
  return Math.hypot(...y);
}
