/**
 * Pooling with PyTorch's sizes and borders, where TensorFlow's differ.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "./layers.ts";

/**
 * `torch.nn.MaxPool2d`: fields of k·k cells at a stride, after `padding` cells on every side that
 * never win.
 *
 * @returns [B, H, W, C] → [B, floor((H + 2·padding - k) / stride) + 1, …, C]
 */
export function maxPool(k: number, stride: number, padding = 0): Layer {
  const border: [number, number] = [padding, padding];
  return (x) =>
    tf.tidy(() => {
      const padded = padding === 0
        ? x
        : tf.pad(x, [[0, 0], border, border, [0, 0]], Number.NEGATIVE_INFINITY);
      return tf.maxPool(padded, k, stride, "valid");
    });
}

/**
 * `torch.nn.AdaptiveAvgPool2d`: means over fields that cover the map, whatever its size. Cell i of n
 * is the mean of the rows floor(i·H / n) … ceil((i + 1)·H / n) - 1; fields may share rows.
 *
 * @returns [B, H, W, C] → [B, height, width, C]
 */
export function adaptiveAveragePool(height: number, width: number): Layer {
  return (x) => {
    const [B, H, W, C] = x.shape;
    if (H === height && W === width) return x;
    return tf.tidy(() => {
      const columns = tf.matMul<tf.Tensor3D>(fields(H, height), tf.reshape(x, [B, H, W * C]));
      const rows = tf.reshape(columns, [B * height, W, C]);
      return tf.reshape(tf.matMul(fields(W, width), rows), [B, height, width, C]);
    });
  };
}

/** What each of `to` fields takes of `from` cells, [1, to, from]. */
function fields(from: number, to: number): tf.Tensor3D {
  const shares = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const [start, end] = [Math.floor(i * from / to), Math.ceil((i + 1) * from / to)];
    shares.fill(1 / (end - start), i * from + start, i * from + end);
  }
  return tf.tensor3d(shares, [1, to, from]);
}
