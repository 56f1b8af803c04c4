/**
 * CQMix: images whose cells come at random from the super-resolved or from the original image.
 *
 * The task network so meets both qualities side by side and learns features that hold for both.
 * Kim et al., "Beyond Image Super-Resolution for Image Recognition with Task-Driven Perceptual
 * Loss", CVPR 2024, section 3.3.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Size } from "../nn/contracts.ts";
import type { Stream } from "../tensor/random.ts";

/**
 * Draws one bit per cell and image: 1 takes the super-resolved cell, 0 the original one.
 *
 * @param images B
 * @param grid cells per side, g: 8 for detection and segmentation, 4 for classification
 * @returns [B, g, g] of 0 and 1, each with probability 1/2
 */
export function drawMask(random: Stream, images: number, grid: number): Float32Array {
  return Float32Array.from(
    { length: images * grid * grid },
    () => random.uniform() < 0.5 ? 1 : 0,
  );
}

/**
 * Enlarges a mask to the size of the images, nearest neighbour.
 *
 * Only gathers rows and columns, so the mask may be an input of a traced step.
 *
 * @param mask [B, g, g, 1]
 * @param size of the (padded) images, pixels; it need not be a multiple of g
 * @returns [B, H, W, 1]
 */
export function enlargeMask(mask: tf.Tensor4D, [H, W]: Size): tf.Tensor4D {
  return tf.tidy(() => {
    const [, rows, columns] = mask.shape;
    const y = tf.tensor1d(sourceCells(rows, H), "int32");
    const x = tf.tensor1d(sourceCells(columns, W), "int32");
    return tf.gather(tf.gather(mask, y, 1), x, 2); // [B, H, W, 1]
  });
}

/**
 * The cell that each pixel copies: floor(pixel · cells/pixels), the ratio in float32 as PyTorch's
 * nearest interpolation takes it.
 */
export function sourceCells(cells: number, pixels: number): Int32Array {
  const ratio = Math.fround(cells / pixels);
  return Int32Array.from(
    { length: pixels },
    (_, pixel) => Math.min(Math.floor(Math.fround(pixel * ratio)), cells - 1),
  );
}

/**
 * Mixes: mask·sr + (1 - mask)·hr. No gradient should reach `sr`: pass it detached.
 *
 * @param sr [B, H, W, C]
 * @param hr [B, H, W, C]
 * @param mask [B, H, W, 1] of 0 and 1
 * @returns [B, H, W, C]
 */
export function cqmix(sr: tf.Tensor4D, hr: tf.Tensor4D, mask: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.add(tf.mul(sr, mask), tf.mul(hr, tf.sub(1, mask))));
}
