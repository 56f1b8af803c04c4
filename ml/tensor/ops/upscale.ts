/**
 * Bilinear enlargement, what the baseline without super-resolution shows its task network.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Enlarges by a factor, corners on corners: output pixel i reads source place i·(in-1)/(out-1).
 * PyTorch's `nn.UpsamplingBilinear2d`.
 *
 * @param x [B, h, w, C]
 * @param s enlarging factor
 * @returns [B, h·s, w·s, C], not quantised
 */
export function upscale(x: tf.Tensor4D, s: number): tf.Tensor4D {
  const [, h, w] = x.shape;
  return tf.image.resizeBilinear(x, [h * s, w * s], true);
}
