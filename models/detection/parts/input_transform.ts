/**
 * What a detector does to images first: normalise, resize, pad to one batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Size } from "../../../ml/nn/contracts.ts";
import { scaleBoxes } from "../../../ml/tensor/ops/boxes.ts";
import { normalize } from "../../../ml/tensor/ops/normalize.ts";
import { resizeBilinear } from "../../../ml/tensor/ops/resize.ts";

/** To which size images are brought. */
export interface ResizeRule {
  /** The short side's pixels, unless the long one would pass `max_size`. */
  min_size: number;
  max_size: number;
  /** In which numbers the size is computed, see {@link resizedSize}. Default float32. */
  size_rounding?: "float32" | "float64";
}

/** Options of {@link inputTransform}. */
export interface TransformOptions {
  /** RGB in [0, 1]. */
  mean: readonly number[];
  std: readonly number[];
  /** Sides that images are resized to; without it they keep their size. */
  resize?: ResizeRule;
  /** The batch's sides are multiples of this. */
  divisor: number;
}

/** Images as the network sees them. */
export interface Batch {
  /** [B, Hp, Wp, 3] normalised, 0 outside the images. */
  images: tf.Tensor4D;
  /** The part of each image that counts, in `images`. */
  sizes: Size[];
}

/**
 * (images [B, H, W, 3] in [0, 1], their sizes) → the batch. An image whose size does not change is
 * not touched one by one.
 */
export type InputTransform = (images: tf.Tensor4D, sizes: readonly Size[]) => Batch;

/**
 * Makes the transform.
 *
 * @returns it, differentiable with respect to the images
 */
export function inputTransform(options: TransformOptions): InputTransform {
  const { mean, std, resize, divisor } = options;
  return (images, sizes) => {
    const resized = sizes.map((size) => resize === undefined ? size : resizedSize(size, resize));
    const normalised = normalize(images, mean, std);
    const [, H, W] = images.shape;
    const padded: Size = [
      roundUp(Math.max(...resized.map(([h]) => h)), divisor),
      roundUp(Math.max(...resized.map(([, w]) => w)), divisor),
    ];
    const whole = sizes.every(([h, w]) => h === H && w === W); // nothing to cut off
    const [h, w] = resized[0];
    if (whole && resized.every((size) => size[0] === h && size[1] === w)) {
      return { images: padTo(resizeBilinear(normalised, [h, w]), padded), sizes: resized };
    }
    const each = sizes.map(([h, w], i) => {
      const image: tf.Tensor4D = tf.slice(normalised, [i, 0, 0, 0], [1, h, w, 3]);
      return padTo(resizeBilinear(image, resized[i]), padded); // [1, Hp, Wp, 3]
    });
    return { images: tf.concat(each, 0), sizes: resized };
  };
}

/**
 * Size after resizing so that the short side is `min_size`, unless the long one would pass `max_size`.
 *
 * The original divides a number by a float32 tensor, which is reciprocal, then product, each
 * rounded; so 375x500 becomes 799x1066 and not 800x1066, and trained weights have seen it so.
 * Without that rounding (`float64`) the short side has `min_size` pixels exactly.
 */
export function resizedSize(
  [height, width]: Size,
  { min_size, max_size, size_rounding = "float32" }: ResizeRule,
): Size {
  const { floor, max, min } = Math;
  const [short, long] = [min(height, width), max(height, width)];
  if (size_rounding === "float64") {
    // One division, so that a side which fits is not missed by a last bit.
    return min_size * long <= max_size * short
      ? [floor(height * min_size / short), floor(width * min_size / short)]
      : [floor(height * max_size / long), floor(width * max_size / long)];
  }
  const { fround } = Math;
  const factor = min(
    fround(fround(1 / short) * min_size),
    fround(fround(1 / long) * max_size),
  );
  return [floor(fround(height * factor)), floor(fround(width * factor))];
}

/** Boxes of an image of size `from` in the same image resized to `to`; float32 ratios. */
export function resizeBoxes(boxes: Float32Array, from: Size, to: Size): Float32Array {
  if (from[0] === to[0] && from[1] === to[1]) return boxes;
  return scaleBoxes(boxes, Math.fround(to[1] / from[1]), Math.fround(to[0] / from[0]));
}

function padTo(x: tf.Tensor4D, [height, width]: Size): tf.Tensor4D {
  const [, h, w] = x.shape;
  if (h === height && w === width) return x;
  return tf.pad(x, [[0, 0], [0, height - h], [0, width - w], [0, 0]]);
}

function roundUp(value: number, divisor: number): number {
  return Math.ceil(value / divisor) * divisor;
}
