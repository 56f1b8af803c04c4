/**
 * Dropout with random numbers that are handed in.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Stream } from "../tensor/random.ts";

/**
 * `torch.nn.Dropout`: sets each element to 0 with probability `rate` and divides the others by
 * 1 - rate, so that the expected value stays.
 *
 * What is dropped is drawn when this is called: a traced step would drop the same for ever.
 *
 * @param x any shape
 * @param rate in [0, 1)
 * @param random undefined: nothing is dropped, as in evaluation
 * @returns the shape of x
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  random: Stream | undefined,
): T {
  if (random === undefined) return x;
  const kept = 1 / (1 - rate);
  return tf.tidy(() => {
    const factors = new Float32Array(x.size);
    for (let i = 0; i < factors.length; i++) factors[i] = random.uniform() < rate ? 0 : kept;
    return tf.mul(x, tf.tensor(factors, x.shape));
  });
}
