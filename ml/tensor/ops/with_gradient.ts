/**
 * Functions with a gradient of their own.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * A function of one tensor whose gradient is given rather than derived. Only x is kept for it,
 * whatever `value` makes on its way.
 *
 * @param gradient (x, gradient of the result) → gradient of x
 */
export function withGradient<T extends tf.Tensor>(
  x: T,
  value: (x: T) => T,
  gradient: (x: T, dy: T) => T,
): T {
  const own = tf.customGrad<T>((x, save) => {
    // tfjs types both arguments alike; the last one is the function that saves tensors.
    if (!(x instanceof tf.Tensor) || typeof save !== "function") throw new TypeError("unreachable");
    save([x]);
    return {
      value: value(x as T),
      gradFunc: (dy, saved) => tf.tidy(() => gradient(saved[0] as T, dy)),
    };
  });
  return own(x);
}
