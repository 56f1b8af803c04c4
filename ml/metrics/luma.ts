/**
 * Brightness of a picture, as super-resolution is measured on it.
 *
 * @module
 */
import type { Plane, Rgb } from "../image/plane.ts";

/** Weights of red, green and blue on the scale of 0 … 1. */
const WEIGHTS = [65.481, 128.553, 24.966];

/** Brightness of black. */
const BLACK = 16;

/**
 * Y of BT.601 in 16 … 235, rounded to whole levels, halves up; what MATLAB's `rgb2ycbcr` gives for
 * an eight-bit picture.
 *
 * Known numbers: black 16, white 235, pure red 81, green 145, blue 41.
 *
 * @param picture RGB in 0 … 255
 */
export function luma({ width, height, data }: Rgb): Plane {
  const result = new Float64Array(width * height);
  for (let i = 0; i < result.length; i++) {
    const sum = WEIGHTS[0] * data[3 * i] + WEIGHTS[1] * data[3 * i + 1] +
      WEIGHTS[2] * data[3 * i + 2];
    result[i] = Math.floor(BLACK + sum / 255 + 0.5);
  }
  return { width, height, data: result };
}
