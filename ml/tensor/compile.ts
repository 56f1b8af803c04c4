/**
 * Makes a training step quick where the backend can: traced into one function, else as it is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentBinding } from "./tensorflow/start.ts";
import { type TracedStep, traceStep } from "./tensorflow/trace.ts";

/**
 * A pure step on tensors: reads nothing back, moves only the declared variables.
 *
 * @param context what it needs besides tensors; where the step is traced the first one counts
 */
export type TensorStep<C> = (inputs: tf.Tensor[], context: C) => tf.Tensor[];

/** A step that may be called again and again. */
export interface CompiledStep<C> {
  (inputs: tf.Tensor[], context: C): tf.Tensor[];
  /** Frees the recordings. */
  dispose(): void;
}

/**
 * On TensorFlow the step is traced at its first call, once for every set of input shapes; other
 * backends run it as it is. Results belong to the caller.
 *
 * @param state every variable that the step assigns or whose value may change between calls
 */
export function compile<C>(
  step: TensorStep<C>,
  state: () => readonly tf.Variable[],
): CompiledStep<C> {
  const traced = new Map<string, TracedStep>();
  const call = (inputs: tf.Tensor[], context: C) => {
    const binding = currentBinding();
    // A step inside a step that is being recorded becomes part of it.
    if (binding === undefined || binding.recorder !== undefined) {
      return tf.tidy(() => step(inputs, context));
    }
    const signature = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join();
    let recorded = traced.get(signature);
    if (recorded === undefined) {
      recorded = traceStep(binding, (inputs) => step(inputs, context), inputs, state());
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

/** The same, but never traced: for steps whose shapes differ from call to call. */
export function uncompiled<C>(step: TensorStep<C>): CompiledStep<C> {
  return Object.assign(
    (inputs: tf.Tensor[], context: C) => tf.tidy(() => step(inputs, context)),
    { dispose: () => {} },
  );
}
