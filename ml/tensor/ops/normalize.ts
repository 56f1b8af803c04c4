/**
 * The colour normalisation that ImageNet's networks expect.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Mean colour of ImageNet, RGB in [0, 1]. */
export const IMAGENET_MEAN: readonly number[] = [0.485, 0.456, 0.406];

/** Standard deviation of ImageNet's colours, RGB. */
export const IMAGENET_STD: readonly number[] = [0.229, 0.224, 0.225];

/**
 * (x - mean) / deviation, channel by channel.
 *
 * With one row per image instead of one cell per pixel, TensorFlow's broadcasting is several times
 * as quick: its inner loop then runs over W·3 numbers and not over 3.
 *
 * @param x [B, H, W, 3] in [0, 1]
 * @param mean RGB, ImageNet's unless given
 * @param std RGB, ImageNet's unless given
 * @returns [B, H, W, 3]
 */
export function normalize(
  x: tf.Tensor4D,
  mean: readonly number[] = IMAGENET_MEAN,
  std: readonly number[] = IMAGENET_STD,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, H, W] = x.shape;
    const row = (values: readonly number[]) =>
      Float32Array.from({ length: W * 3 }, (_, i) => values[i % 3]);
    const rows = tf.reshape(x, [B * H, W * 3]);
    return tf.reshape(tf.div(tf.sub(rows, row(mean)), row(std)), [B, H, W, 3]);
  });
}

/**
 * Takes ImageNet's {@link normalize} back.
 *
 * @param x [B, H, W, 3]
 * @returns [B, H, W, 3] in [0, 1]
 */
export function denormalize(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() =>
    tf.add(tf.mul(x, tf.tensor1d([...IMAGENET_STD])), tf.tensor1d([...IMAGENET_MEAN]))
  );
}
