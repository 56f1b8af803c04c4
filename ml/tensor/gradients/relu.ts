/**
 * Gradient of ReLU in one operation instead of tfjs's two, where TensorFlow has it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, registerTensorFlowKernel } from "./raw_op.ts";

const KERNEL = "ReluGrad";

/** Registers the gradient and the kernel it uses. */
export function registerReluGradient(): void {
  registerTensorFlowKernel(KERNEL, ({ inputs, run }) => run(KERNEL, [], [inputs.dy, inputs.y]));
  tf.registerGradient({
    kernelName: tf.Relu,
    // The result tells as well as the input which elements pass; the input can then be freed.
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () =>
        hasKernel(KERNEL)
          ? tf.engine().runKernel(KERNEL, { dy: dy as tf.Tensor, y })
          : tf.mul(dy as tf.Tensor, tf.step(y)),
    }),
  });
}
