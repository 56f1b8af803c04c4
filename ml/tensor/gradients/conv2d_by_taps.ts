/**
 * Both gradients of an ordinary convolution of stride 1, one matrix product per tap (cell of the
 * filter) and only over the part of the map that the tap meets.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A convolution of stride 1. */
export interface Taps {
  /** [B, H, W, C] */
  input: number[];
  /** [kh, kw, C, out] */
  filter: number[];
  /** Distance of neighbouring taps, cells. */
  dilation: number;
  /** Zeros above and left of the map. */
  before: [number, number];
}

/**
 * Gradient of the input.
 *
 * @param dy [B, h, w, out]
 * @param filter [kh, kw, C, out]
 * @returns [B, H, W, C]
 */
export function inputGradientByTaps(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  taps: Taps,
): tf.Tensor4D {
  const [B, H, W, C] = taps.input;
  const out = dy.shape[3];
  let total: tf.Tensor4D = tf.zeros([B, H, W, C]);
  for (const { place: [i, j], rows, columns } of meetings(taps, dy.shape)) {
    const seen = cut(dy, rows.result, columns.result, rows.size, columns.size); // [cells, out]
    const tap: tf.Tensor2D = tf.reshape(tf.slice(filter, [i, j, 0, 0], [1, 1, C, out]), [C, out]);
    const part = tf.reshape(tf.matMul(seen, tap, false, true), [B, rows.size, columns.size, C]);
    const padded = tf.pad(part, [
      [0, 0],
      [rows.map, H - rows.map - rows.size],
      [columns.map, W - columns.map - columns.size],
      [0, 0],
    ]);
    const sum: tf.Tensor4D = tf.add(total, padded);
    tf.dispose([seen, tap, part, padded, total]); // each is as large as the map
    total = sum;
  }
  return total;
}

/**
 * Gradient of the filter.
 *
 * @param x [B, H, W, C]
 * @param dy [B, h, w, out]
 * @returns [kh, kw, C, out]
 */
export function filterGradientByTaps(x: tf.Tensor4D, dy: tf.Tensor4D, taps: Taps): tf.Tensor4D {
  const [kh, kw, C, out] = taps.filter;
  const none = tf.zeros<tf.Rank.R2>([C, out]);
  const cells = Array.from({ length: kh * kw }, () => none);
  for (const { place: [i, j], rows, columns } of meetings(taps, dy.shape)) {
    const met = cut(x, rows.map, columns.map, rows.size, columns.size); // [cells, C]
    const seen = cut(dy, rows.result, columns.result, rows.size, columns.size); // [cells, out]
    cells[i * kw + j] = tf.matMul(met, seen, true);
    tf.dispose([met, seen]);
  }
  return tf.reshape(tf.stack(cells), [kh, kw, C, out]);
}

/** Along one axis: what a tap meets of the map, and the cells of the result that it is for. */
interface Stretch {
  map: number;
  result: number;
  size: number;
}

/** The taps that meet the map at all. */
function* meetings(
  { input: [, H, W], filter: [kh, kw], dilation, before: [top, left] }: Taps,
  [, h, w]: readonly number[],
): Generator<{ place: [number, number]; rows: Stretch; columns: Stretch }> {
  for (let i = 0; i < kh; i++) {
    const rows = stretch(i * dilation - top, H, h);
    for (let j = 0; j < kw; j++) {
      const columns = stretch(j * dilation - left, W, w);
      if (rows.size > 0 && columns.size > 0) yield { place: [i, j], rows, columns };
    }
  }
}

/** @param offset from a cell of the result to the cell of the map that the tap meets */
function stretch(offset: number, map: number, result: number): Stretch {
  const start = Math.max(0, -offset);
  const end = Math.min(result, map - offset);
  return { map: start + offset, result: start, size: end - start };
}

/** A window's cells, one below the other. */
function cut(x: tf.Tensor4D, y: number, left: number, height: number, width: number): tf.Tensor2D {
  const [B, , , C] = x.shape;
  return tf.reshape(tf.slice(x, [0, y, left, 0], [B, height, width, C]), [B * height * width, C]);
}
