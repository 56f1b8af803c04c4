/**
 * Linear filters along one axis of images, as products with a fixed matrix.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Every column of every image times a matrix.
 *
 * @param x [B, H, W, C]
 * @param filter [h, H]
 * @returns [B, h, W, C]
 */
export function filterHeight(x: tf.Tensor4D, filter: tf.Tensor2D): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, H, W, C] = x.shape;
    const columns = tf.reshape(tf.transpose(x, [1, 0, 2, 3]), [H, B * W * C]);
    const filtered = tf.matMul(filter, columns); // [h, B·W·C]
    const [h] = filtered.shape;
    return tf.transpose(tf.reshape(filtered, [h, B, W, C]), [1, 0, 2, 3]);
  });
}

/**
 * Every row of every image times a matrix.
 *
 * @param x [B, H, W, C]
 * @param filter [w, W]
 * @returns [B, H, w, C]
 */
export function filterWidth(x: tf.Tensor4D, filter: tf.Tensor2D): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, H, W, C] = x.shape;
    const rows = tf.reshape(tf.transpose(x, [0, 1, 3, 2]), [B * H * C, W]);
    const filtered = tf.matMul(rows, filter, false, true); // [B·H·C, w]
    const [, w] = filtered.shape;
    return tf.transpose(tf.reshape(filtered, [B, H, C, w]), [0, 1, 3, 2]);
  });
}
