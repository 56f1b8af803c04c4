/**
 * How low-resolution images are made of originals.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { matlabTaps } from "../image/matlab_resize.ts";
import { downscale, quantize } from "../tensor/ops/downscale.ts";
import { filterHeight, filterWidth } from "../tensor/ops/filter_axis.ts";

/**
 * `official`: SR4IR's, four taps without antialiasing. `matlab`: what benchmarks of
 * super-resolution have, MATLAB's `imresize`. Both are bicubic and round to 8 bits.
 */
export type Degradation = "official" | "matlab";

/**
 * The low-resolution twin of a batch, rounded to 8 bits.
 *
 * @param hr [B, H, W, 3] in [0, 1], H and W multiples of the scale
 * @param scale shrinking factor; `official` knows even ones
 * @returns [B, H/scale, W/scale, 3]
 */
export function lowResolution(
  hr: tf.Tensor4D,
  scale: number,
  degradation: Degradation,
): tf.Tensor4D {
  return tf.tidy(() => {
    switch (degradation) {
      case "official":
        return quantize(downscale(hr, scale));
      case "matlab":
        return matlabShrink(hr, scale);
    }
  });
}

/** `matlabResize()` of a batch, up to what float32 rounds otherwise: columns first, then rows. */
function matlabShrink(hr: tf.Tensor4D, scale: number): tf.Tensor4D {
  const [, H, W] = hr.shape;
  const columns = quantize(filterHeight(hr, matlabMatrix(H, scale))); // [B, h, W, 3]
  return quantize(filterWidth(columns, matlabMatrix(W, scale))); // [B, h, w, 3]
}

/** The filter of one axis as a matrix [out, in]. */
function matlabMatrix(length: number, scale: number): tf.Tensor2D {
  const { taps, indices, weights } = matlabTaps(length, 1 / scale);
  const outputs = weights.length / taps;
  const matrix = new Float32Array(outputs * length);
  // Mirrored taps fall on places that others have too.
  weights.forEach((weight, i) => matrix[Math.floor(i / taps) * length + indices[i]] += weight);
  return tf.tensor2d(matrix, [outputs, length]);
}
