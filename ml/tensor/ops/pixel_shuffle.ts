/**
 * Pixel shuffle: channels become space.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Moves channels into space: the last step of a sub-pixel up-sampler.
 *
 * @param x [B, H, W, C·r²]
 * @param r up-scaling factor
 * @returns [B, H·r, W·r, C]
 * @throws {RangeError} if the channel count is not a multiple of r²
 *
 * Channels are ordered (i·r + j)·C + c, as TensorFlow stores them; PyTorch's `PixelShuffle` orders
 * them c·r² + i·r + j, so the convolution in front is declared with the layout `shuffle`.
 * Source: Shi et al., "Real-Time Single Image and Video Super-Resolution", CVPR 2016, eq. 4.
 */
export function pixelShuffle(x: tf.Tensor4D, r: number): tf.Tensor4D {
  if (x.shape[3] % (r * r) !== 0) {
    throw new RangeError(
      `Cannot shuffle [${x.shape}] by ${r}: expected channels to be a multiple of ${r * r}`,
    );
  }
  return tf.depthToSpace(x, r, "NHWC");
}
