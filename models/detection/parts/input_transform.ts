/**
 * What a detector does to images first: normalise, resize, pad to one batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Size } from "../../../ml/nn/contracts.ts";
import { scaleBoxes } from "../../../ml/tensor/ops/boxes.ts";
import { resizeBilinear } from "../../../ml/tensor/ops/resize.ts";

/** Options of {@link inputTransform}. */
export interface TransformOptions {
  /** RGB in [0, 1]. */
  mean: readonly number[];
  std: readonly number[];
  /** Sides that images are resized to; without it they keep their size. */
  resize?: { min_size: number; max_size: number };
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
    const normalised = normaliseColours(images, mean, std);
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
 * rounded; so 375x500 becomes 799x1066 and not 800x1066. Kept, as trained weights have seen it.
 */
export function resizedSize(
  [height, width]: Size,
  { min_size, max_size }: { min_size: number; max_size: number },
): Size {
  const { fround, floor, max, min } = Math;
  const factor = min(
    fround(fround(1 / min(height, width)) * min_size),
    fround(fround(1 / max(height, width)) * max_size),
  );
  return [floor(fround(height * factor)), floor(fround(width * factor))];
}

/** Boxes of an image of size `from` in the same image resized to `to`; float32 ratios. */
export function resizeBoxes(boxes: Float32Array, from: Size, to: Size): Float32Array {
  if (from[0] === to[0] && from[1] === to[1]) return boxes;
  return scaleBoxes(boxes, Math.fround(to[1] / from[1]), Math.fround(to[0] / from[0]));
}

/**
 * (x − mean) / std per channel. With one row per image instead of one cell per pixel, TensorFlow's
 * broadcasting is several times as quick: its inner loop then runs over W·3 numbers and not over 3.
 */
function normaliseColours(
  x: tf.Tensor4D,
  mean: readonly number[],
  std: readonly number[],
): tf.Tensor4D {
  const [B, H, W] = x.shape;
  const row = (values: readonly number[]) =>
    Float32Array.from({ length: W * 3 }, (_, i) => values[i % 3]);
  const rows = tf.reshape(x, [B * H, W * 3]);
  return tf.reshape(tf.div(tf.sub(rows, row(mean)), row(std)), [B, H, W, 3]);
}

function padTo(x: tf.Tensor4D, [height, width]: Size): tf.Tensor4D {
  const [, h, w] = x.shape;
  if (h === height && w === width) return x;
  return tf.pad(x, [[0, 0], [0, height - h], [0, width - w], [0, 0]]);
}

function roundUp(value: number, divisor: number): number {
  return Math.ceil(value / divisor) * divisor;
}
