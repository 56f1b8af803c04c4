/**
 * Resizing inside networks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Bilinear, half-pixel centres, coordinates clamped, no smoothing when shrinking: PyTorch's
 * `interpolate(mode="bilinear", align_corners=False)`.
 *
 * @param x [B, h, w, C]
 * @returns [B, height, width, C]
 */
export function resizeBilinear(
  x: tf.Tensor4D,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  if (x.shape[1] === height && x.shape[2] === width) return x;
  return tf.image.resizeBilinear(x, [height, width], false, true);
}

/**
 * Nearest neighbour, source index floor(i · in/out): PyTorch's `interpolate(mode="nearest")`.
 *
 * @param x [B, h, w, C]
 * @returns [B, height, width, C]
 */
export function resizeNearest(
  x: tf.Tensor4D,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  if (x.shape[1] === height && x.shape[2] === width) return x;
  return tf.image.resizeNearestNeighbor(x, [height, width]);
}
