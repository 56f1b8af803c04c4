/**
 * How close two pictures are, in the paper's protocol.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean squared error of each image on the 0 … 255 scale, over RGB and all pixels inside the border.
 *
 * Stays on the device, so that a traced training step can return it.
 *
 * @param a [B, H, W, C] in [0, 1]; quantise it first if it is to count as an 8-bit picture
 * @param b [B, H, W, C]
 * @param border pixels cut from every side; the paper cuts 8 at every scale
 * @returns [B]
 * @throws {RangeError} if nothing is left inside the border
 */
export function squaredErrors(a: tf.Tensor4D, b: tf.Tensor4D, border = 8): tf.Tensor1D {
  const [B, H, W, C] = a.shape;
  const size = [B, H - 2 * border, W - 2 * border, C];
  if (size[1] < 1 || size[2] < 1) {
    throw new RangeError(
      `Cannot compare pictures of ${W}x${H}: expected more than ${2 * border} pixels each way`,
    );
  }
  return tf.tidy(() => {
    const inner = tf.slice(tf.sub(a, b), [0, border, border, 0], size);
    return tf.mean(tf.square(tf.mul(inner, 255)), [1, 2, 3]); // [B]
  });
}

/**
 * Peak signal-to-noise ratio in dB: 10·log10(255²/mse). Infinity for equal pictures.
 *
 * Known number: a picture that is off by one of 255 levels everywhere has 48.1308 dB.
 *
 * @param squaredError on the 0 … 255 scale
 */
export function psnr(squaredError: number): number {
  return 10 * Math.log10(255 ** 2 / squaredError);
}

/**
 * Mean PSNR over the images that differ at all; equal ones (no error) are left out, as the paper's
 * code does.
 *
 * @returns the mean in dB (NaN if no image counts) and how many images count
 */
export function meanPsnr(squaredErrors: Iterable<number>): { value: number; images: number } {
  const values = [...squaredErrors].filter((error) => error !== 0).map(psnr);
  return { value: values.reduce((a, b) => a + b, 0) / values.length, images: values.length };
}
