/**
 * Resizing as Pillow 9.4 does it, which the reference code relies on. (Pillow 13 resizes the
 * columns first where that is less work, which rounds differently.)
 *
 * @module
 */
import type { Picture } from "./picture.ts";

/** Size of a picture whose shorter side becomes `pixels`; the longer one is cut to a whole number. */
export function shortSideSize(
  { width, height }: { width: number; height: number },
  pixels: number,
): { width: number; height: number } {
  return width <= height
    ? { width: pixels, height: Math.trunc(pixels * height / width) }
    : { width: Math.trunc(pixels * width / height), height: pixels };
}

/** The picture with `pixels` on its shorter side, by {@link resizeBilinear}. */
export function resizeShortSide(picture: Picture, pixels: number): Picture {
  return resizeBilinear(picture, shortSideSize(picture, pixels));
}

/** Bits behind the point of a weight: what 32 bits leave beside 8 of the value and 2 to be safe. */
const PRECISION = 22;

/**
 * Pillow's `Image.resize(size, BILINEAR)` on eight-bit RGB, bit for bit: a triangle filter that is
 * widened when shrinking (antialias), rows first, rounded to eight bits after each of the passes.
 */
export function resizeBilinear(
  picture: Picture,
  { width, height }: { width: number; height: number },
): Picture {
  const rows = width === picture.width ? picture : resizeRows(picture, width);
  return height === rows.height ? rows : resizeColumns(rows, height);
}

/**
 * Pillow's `Image.resize(size, NEAREST)` on one channel: the source pixel under each new one's
 * centre.
 *
 * @param data [H, W]
 */
export function resizeNearest(
  { width, height, data }: { width: number; height: number; data: Uint8Array },
  to: { width: number; height: number },
): Uint8Array {
  const column = nearest(width, to.width);
  const row = nearest(height, to.height);
  const result = new Uint8Array(to.width * to.height);
  for (let y = 0, at = 0; y < to.height; y++) {
    const from = row[y] * width;
    for (let x = 0; x < to.width; x++) result[at++] = data[from + column[x]];
  }
  return result;
}

/** Positions are added up, not multiplied: their rounding decides where two pixels are as near. */
function nearest(from: number, to: number): Int32Array {
  const step = from / to;
  let position = step / 2;
  return Int32Array.from({ length: to }, () => {
    const pixel = Math.floor(position);
    position += step;
    return pixel;
  });
}

/** Which source pixels make a new one, from `start[i]` on, and with which fixed-point weights. */
interface Taps {
  start: Int32Array;
  weights: Int32Array[];
}

function triangle(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const start = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    // Pillow truncates towards zero; both sums are clipped to the picture afterwards.
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    start[i] = first;
    const taps = Float64Array.from({ length: end - first }, (_, x) => {
      const distance = Math.abs((x + first - centre + 0.5) * (1 / support));
      return distance < 1 ? 1 - distance : 0;
    });
    const sum = taps.reduce((a, b) => a + b, 0);
    return Int32Array.from(taps, (tap) => Math.trunc(0.5 + tap / sum * 2 ** PRECISION));
  });
  return { start, weights };
}

function resizeRows({ width, height, data }: Picture, to: number): Picture {
  const { start, weights } = triangle(width, to);
  const result = new Uint8ClampedArray(to * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const from = (y * width + start[x]) * 3;
      sumTaps(result, (y * to + x) * 3, data, from, 3, weights[x]);
    }
  }
  return { width: to, height, data: new Uint8Array(result.buffer) };
}

function resizeColumns({ width, height, data }: Picture, to: number): Picture {
  const { start, weights } = triangle(height, to);
  const result = new Uint8ClampedArray(width * to * 3);
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < width; x++) {
      const from = (start[y] * width + x) * 3;
      sumTaps(result, (y * width + x) * 3, data, from, width * 3, weights[y]);
    }
  }
  return { width, height: to, data: new Uint8Array(result.buffer) };
}

/** One new pixel. Weights times values stay below 2^31, as in Pillow. */
function sumTaps(
  result: Uint8ClampedArray,
  at: number,
  data: Uint8Array,
  from: number,
  step: number,
  weights: Int32Array,
): void {
  let r = 1 << (PRECISION - 1), g = r, b = r;
  for (let i = 0, p = from; i < weights.length; i++, p += step) {
    const weight = weights[i];
    r += weight * data[p];
    g += weight * data[p + 1];
    b += weight * data[p + 2];
  }
  result[at] = r >> PRECISION;
  result[at + 1] = g >> PRECISION;
  result[at + 2] = b >> PRECISION;
}
