/**
 * Adding two maps of one shape.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * As `tf.add(a, b)` without broadcasting, but its gradient keeps neither of the two alive.
 *
 * @throws {RangeError} if the shapes differ
 */
export function addMaps(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  if (a.shape.join() !== b.shape.join()) {
    throw new RangeError(`Cannot add [${a.shape}] and [${b.shape}]: expected equal shapes`);
  }
  const sum = tf.customGrad<tf.Tensor4D>((a, b) => {
    if (!(a instanceof tf.Tensor && b instanceof tf.Tensor)) throw new TypeError("unreachable");
    // Two tensors: tfjs frees a gradient when it adds another one to it.
    const gradFunc = (dy: tf.Tensor) => [tf.clone(dy), tf.clone(dy)];
    return { value: tf.add(a as tf.Tensor4D, b), gradFunc };
  });
  return sum(a, b);
}
