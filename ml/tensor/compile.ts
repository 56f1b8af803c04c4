/**
 * Makes a training step quick where the backend can: traced into one function, else as it is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentBinding } from "./tensorflow/start.ts";
import { type TracedStep, traceStep } from "./tensorflow/trace.ts";

/** A pure step on tensors: reads nothing back, moves only the declared variables. */
export type TensorStep = (inputs: tf.Tensor[]) => tf.Tensor[];

/** A step that may be called again and again. */
export interface CompiledStep {
  (inputs: tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/**
 * On TensorFlow the step is traced at its first call, once for every set of input shapes; other
 * backends run it as it is. Results belong to the caller.
 *
 * @param state every variable that the step assigns or whose value may change between calls
 */
export function compile(step: TensorStep, state: () => readonly tf.Variable[]): CompiledStep {
  const traced = new Map<string, TracedStep>();
  const call = (inputs: tf.Tensor[]) => {
    const binding = currentBinding();
    if (binding === undefined) return tf.tidy(() => step(inputs));
    const signature = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
    let recorded = traced.get(signature);
    if (recorded === undefined) {
      recorded = traceStep(binding, step, inputs, state());
      traced.set(signature, recorded);
    }
    return recorded.call(inputs);
  };
  return Object.assign(call, {
    dispose: () => {
      for (const recorded of traced.values()) recorded.dispose();
      traced.clear();
    },
  });
}
