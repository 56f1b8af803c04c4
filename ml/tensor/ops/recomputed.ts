/**
 * Memory for time: steps whose inner tensors are not kept for the gradient but made again.
 *
 * Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A step: x and what else it reads that no gradient is asked of. */
type RecomputedStep = (x: tf.Tensor4D, constants: readonly tf.Tensor[]) => tf.Tensor4D;

/**
 * f(x), keeping x and the constants only. The gradient runs f again.
 *
 * @param variables what f reads and a gradient may be asked of, besides x; of others f's gradient is
 *   absent. Those that are listed cost time whether asked or not
 */
export function recomputed(
  f: RecomputedStep,
  x: tf.Tensor4D,
  variables: readonly tf.Variable[],
  constants: readonly tf.Tensor[] = [],
): tf.Tensor4D {
  const once = tf.customGrad<tf.Tensor4D>((x, ...rest) => {
    const save = rest[rest.length - 1];
    // tfjs types all arguments alike; the last one is the function that saves tensors.
    if (!(x instanceof tf.Tensor) || typeof save !== "function") throw new TypeError("unreachable");
    save([x, ...constants]);
    return {
      value: f(x as tf.Tensor4D, constants),
      gradFunc: (dy, [x, ...constants]) =>
        gradientsOf((x) => f(x, constants), x as tf.Tensor4D, variables, dy),
    };
  });
  return once(x, ...variables);
}

function gradientsOf(
  f: (x: tf.Tensor4D) => tf.Tensor4D,
  x: tf.Tensor4D,
  variables: readonly tf.Variable[],
  dy: tf.Tensor4D,
): tf.Tensor[] {
  const engine = tf.engine();
  // A gradient inside a gradient: tfjs would forget the outer one's record of operations.
  const state = engine.state as { activeTape?: unknown };
  const outer = state.activeTape;
  try {
    return tf.tidy(() => {
      const inputs = [x, ...variables];
      const { grads } = engine.gradients(() => f(x), inputs, dy, true);
      return inputs.map((input, i) => grads[i] ?? tf.zerosLike(input));
    });
  } finally {
    state.activeTape = outer;
  }
}
