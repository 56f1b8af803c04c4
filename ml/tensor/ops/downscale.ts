/**
 * How low-resolution images are made: a fixed bicubic filter, then rounding to 8 bits.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * The cubic convolution kernel with a = -0.75 half-way between two pixels: what bicubic shrinking
 * by an even factor takes at every place. No antialiasing: it aliases, and that is the task.
 */
const TAPS = [-3 / 32, 19 / 32, 19 / 32, -3 / 32];

/**
 * Shrinks by an even factor; equal to PyTorch's `F.interpolate(x, scale_factor=1/s,
 * mode="bicubic")` in both directions.
 *
 * @param x [B, H, W, C]
 * @param s shrinking factor, even
 * @returns [B, floor(H/s), floor(W/s), C], not rounded and not clamped
 * @throws {RangeError} if s is not a positive even number
 */
export function downscale(x: tf.Tensor4D, s: number): tf.Tensor4D {
  if (s < 2 || s % 2 !== 0) {
    throw new RangeError(`Cannot shrink by ${s}: expected an even factor, 2 or more`);
  }
  return tf.tidy(() => {
    const [B, H, W, C] = x.shape;
    const [h, w] = [Math.floor(H / s), Math.floor(W / s)];
    const filter = tf.tile(tf.tensor4d(outer(TAPS, TAPS), [4, 4, 1, 1]), [1, 1, C, 1]);
    // The taps of output i lie at s·i + s/2 - 2 … s·i + s/2 + 1. Only factor 2 reaches over the
    // border, by one pixel, where the border pixel repeats.
    const padded = s === 2 ? tf.mirrorPad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric") : x;
    const first = s === 2 ? 0 : s / 2 - 2;
    const used = [B, s * (h - 1) + 4, s * (w - 1) + 4, C];
    const window: tf.Tensor4D = tf.slice(padded, [0, first, first, 0], used);
    return tf.depthwiseConv2d(window, filter, s, "valid"); // [B, h, w, C]
  });
}

/**
 * Rounds to the 256 levels of 8-bit images and clamps; ties go to the even level.
 *
 * No gradient is meant to pass.
 *
 * @param x any shape
 * @param white the value of white: 1, or 255
 * @returns the same shape, in [0, white]
 */
export function quantize<T extends tf.Tensor>(x: T, white: 1 | 255 = 1): T {
  return tf.tidy(() => {
    const levels: T = white === 255 ? x : tf.mul(x, 255);
    const rounded: T = tf.clipByValue(tf.round(levels), 0, 255);
    return white === 255 ? rounded : tf.div(rounded, 255);
  });
}

function outer(a: readonly number[], b: readonly number[]): number[] {
  return a.flatMap((y) => b.map((x) => y * x));
}
