/**
 * A network that learns: its parameters, its optimizer, one update.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Params } from "../nn/params.ts";
import { compile } from "../tensor/compile.ts";
import type { Optimizer } from "./optimizers.ts";

/** A network with what it takes to train it. */
export interface Trainee<N> {
  net: N;
  params: Params;
  optimizer: Optimizer;
  /** Every variable that training may move, the optimizer's included. */
  state(): tf.Variable[];
  /** Moves the parameters by gradients, in the order of `params.trained()`. */
  apply(gradients: tf.Tensor[], numbers: tf.Tensor1D): void;
}

/** Prepares a network for training. `optimizer` is made for the parameters that are trained. */
export function trainee<N>(
  net: N,
  params: Params,
  makeOptimizer: (variables: tf.Variable[]) => Optimizer,
): Trainee<N> {
  const optimizer = makeOptimizer(params.trained());
  const state = () => [
    ...params.all().map(({ variable }) => variable),
    ...optimizer.slots,
  ];
  const apply = compile<void>((inputs) => {
    optimizer.apply(inputs.slice(0, -1), inputs[inputs.length - 1] as tf.Tensor1D);
    return [];
  }, state);
  return {
    net,
    params,
    optimizer,
    state,
    apply: (gradients, numbers) => {
      apply([...gradients, numbers], undefined);
    },
  };
}

/** Losses by name, each a scalar that is already weighted. */
export type Losses = Record<string, tf.Scalar>;

/**
 * One step of the given networks down the sum of the losses, by one backward pass.
 *
 * @param trainees each with the numbers its optimizer needs in this step
 * @returns the losses; they belong to the caller
 */
export function update(
  trainees: readonly (readonly [Trainee<unknown>, tf.Tensor1D])[],
  losses: () => Losses,
): Losses {
  return tf.tidy(() => {
    const groups = trainees.map(([{ params }]) => params.trained());
    let parts: Losses = {};
    const { grads } = tf.variableGrads(() => {
      parts = losses();
      // The tape's tensors are freed with it; the parts are wanted afterwards.
      for (const part of Object.values(parts)) tf.keep(part);
      return tf.addN(Object.values(parts));
    }, groups.flat());
    trainees.forEach(([trainee, numbers], i) => {
      // A parameter that no loss reaches has no gradient.
      const gradients = groups[i].map((p) => grads[p.name] ?? tf.zerosLike(p));
      trainee.apply(gradients, numbers);
    });
    const results: Losses = {};
    for (const [name, part] of Object.entries(parts)) {
      results[name] = tf.clone(part);
      part.dispose();
    }
    return results;
  });
}
