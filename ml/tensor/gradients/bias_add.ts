/**
 * Kernel and gradient of adding a bias per channel.
 *
 * tfjs knows only `Add`, whose gradient saves both inputs to remember their shapes: that doubles the
 * memory of a network's training.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, registerTensorFlowKernel } from "./raw_op.ts";

/** Name of the kernel, as TensorFlow calls it. */
export const BIAS_ADD = "BiasAdd";

const GRADIENT = "BiasAddGrad";

/** Registers the kernel on every backend, and its gradient. */
export function registerBiasAdd(): void {
  registerTensorFlowKernel(
    BIAS_ADD,
    ({ inputs, run }) => run(BIAS_ADD, [], [inputs.x, inputs.bias]),
  );
  registerTensorFlowKernel(GRADIENT, ({ inputs, run }) => run(GRADIENT, [], [inputs.dy]));
  for (const backendName of ["wasm", "webgpu"]) {
    tf.registerKernel({
      kernelName: BIAS_ADD,
      backendName,
      kernelFunc: ({ inputs, ...rest }) =>
        tf.getKernel(tf.Add, backendName).kernelFunc({
          ...rest,
          inputs: { a: inputs.x, b: inputs.bias },
        }),
    });
  }
  tf.registerGradient({
    kernelName: BIAS_ADD,
    gradFunc: (dy) => ({
      x: () => tf.clone(dy as tf.Tensor), // tfjs frees a gradient when it adds another one to it
      bias: () => sumPerChannel(dy as tf.Tensor),
    }),
  });
}

function sumPerChannel(dy: tf.Tensor): tf.Tensor {
  if (hasKernel(GRADIENT)) return tf.engine().runKernel(GRADIENT, { dy });
  return tf.sum(dy, Array.from({ length: dy.rank - 1 }, (_, axis) => axis));
}
