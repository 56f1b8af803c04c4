/**
 * The part of a picture that shows most of what was lost.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";

/** A square window, pixels. */
export interface Window {
  x: number;
  y: number;
  size: number;
}

/** Share of the shorter side that is shown. */
const SHARE = 1 / 5;
const SMALLEST = 32;

/**
 * The square in which two versions of a picture differ most, by squared error; of equal ones the
 * first, row by row. Windows stand half a window apart.
 *
 * @throws {InputError} if the sizes differ
 */
export function tellingWindow(a: Picture, b: Picture): Window {
  const { width, height } = a;
  if (width !== b.width || height !== b.height) {
    throw new InputError(
      `Cannot compare a picture of ${width}x${height} with one of ${b.width}x${b.height}`,
    );
  }
  const shorter = Math.min(width, height);
  const side = Math.min(shorter, Math.max(SMALLEST, shorter * SHARE));
  const half = Math.max(1, Math.floor(side / 2));
  const errors = blockErrors(a, b, half);
  const at = (x: number, y: number) =>
    errors[y][x] + errors[y][x + 1] + errors[y + 1][x] + errors[y + 1][x + 1];
  let best = { x: 0, y: 0, error: -1 };
  for (let y = 0; y + 1 < errors.length; y++) {
    for (let x = 0; x + 1 < errors[y].length; x++) {
      const error = at(x, y);
      if (error > best.error) best = { x, y, error };
    }
  }
  return { x: best.x * half, y: best.y * half, size: 2 * half };
}

/** The window as a picture of its own. */
export function cut({ width, data }: Picture, { x, y, size }: Window): Picture {
  const rows = Array.from({ length: size }, (_, row) => {
    const from = ((y + row) * width + x) * 3;
    return data.subarray(from, from + size * 3);
  });
  return { width: size, height: size, data: new Uint8Array(Buffer.concat(rows)) };
}

/** Sums of squared differences over squares of `side` pixels; what does not fill one is left out. */
function blockErrors(a: Picture, b: Picture, side: number): Float64Array[] {
  const columns = Math.floor(a.width / side);
  const rows = Math.floor(a.height / side);
  const errors = Array.from({ length: rows }, () => new Float64Array(columns));
  for (let y = 0; y < rows * side; y++) {
    const row = errors[Math.floor(y / side)];
    for (let x = 0; x < columns * side; x++) {
      const from = (y * a.width + x) * 3;
      for (let i = from; i < from + 3; i++) {
        row[Math.floor(x / side)] += (a.data[i] - b.data[i]) ** 2;
      }
    }
  }
  return errors;
}
