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
 * @param x [B, H, W, 3] in [0, 1]
 * @returns [B, H, W, 3]
 */
export function normalize(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() =>
    tf.div(tf.sub(x, tf.tensor1d([...IMAGENET_MEAN])), tf.tensor1d([...IMAGENET_STD]))
  );
}

/**
 * Takes {@link normalize} back.
 *
 * @param x [B, H, W, 3]
 * @returns [B, H, W, 3] in [0, 1]
 */
export function denormalize(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() =>
    tf.add(tf.mul(x, tf.tensor1d([...IMAGENET_STD])), tf.tensor1d([...IMAGENET_MEAN]))
  );
}
