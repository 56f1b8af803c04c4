/**
 * Adding one number per channel.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { BIAS_ADD } from "../gradients/bias_add.ts";
import { hasKernel } from "../gradients/raw_op.ts";

/**
 * As `tf.add(x, bias)`, but its gradient keeps neither of the two alive: a network's maps in front
 * of their bias are free as soon as it is added.
 *
 * @param x [..., C]
 * @param bias [C]
 */
export function biasAdd<T extends tf.Tensor>(x: T, bias: tf.Tensor): T {
  if (!hasKernel(BIAS_ADD)) return tf.add(x, bias);
  return tf.engine().runKernel(BIAS_ADD, { x, bias });
}
