/**
 * Labels for the tests of segmenters.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Squares of 8x8 pixels of classes 0 … K-1 in turn, the first one void; [B, H, W]. */
export function squares([B, H, W]: [number, number, number], K: number): tf.Tensor3D {
  const labels = Int32Array.from({ length: B * H * W }, (_, i) => {
    const [row, column] = [Math.floor(i / W / 8), Math.floor(i % W / 8)];
    return row + column === 0 ? 255 : (row + column) % K;
  });
  return tf.tensor3d(labels, [B, H, W], "int32");
}
