/**
 * The Gaussian error linear unit.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "../tensor/ops/with_gradient.ts";

/**
 * x·Φ(x), Φ the normal distribution: the exact form, by `erf`. Keeps only x for its gradient,
 * Φ(x) + x·φ(x).
 *
 * @param x any shape
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return withGradient(
    x,
    (x) => tf.mul(x, distribution(x)),
    (x, dy) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(distribution(x), tf.mul(x, density)));
    },
  );
}

/** Φ(x) = (1 + erf(x/√2))/2. */
function distribution<T extends tf.Tensor>(x: T): T {
  return tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
}
