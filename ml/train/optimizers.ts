/**
 * Optimizers as pure tensor functions: SGD with momentum and AdamW, equal to PyTorch's.
 *
 * Nothing is read back and nothing branches on a value, so a training step that contains `apply()`
 * can be traced once and replayed. What changes from step to step enters as one small tensor.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NamedTensor } from "../nn/params.ts";

/** Moves some variables, one step at a time. */
export interface Optimizer {
  /**
   * What step `step` needs besides the gradients, for `apply()`; computed in float64.
   *
   * @param step 1 for the first
   * @param rates learning rate in force, of each group of parameters
   */
  numbers(step: number, rates: readonly number[]): Float32Array;
  /**
   * Moves the variables.
   *
   * @param gradients one for each variable, in their order
   * @param numbers [n] of `numbers()`
   */
  apply(gradients: readonly tf.Tensor[], numbers: tf.Tensor1D): void;
  /** The optimizer's own variables (moments), for tracing and for counting memory. */
  slots: readonly tf.Variable[];
  /** Copies of the slots, named by the moment and the variable's place: `momentum.0`, … */
  snapshot(): Promise<NamedTensor[]>;
  /**
   * Sets the slots to a snapshot's values.
   *
   * @throws {RangeError} if one is missing or has another shape
   */
  restore(tensors: readonly NamedTensor[]): void;
  /** Frees the slots. */
  dispose(): void;
}

/** Options of {@link sgd}. */
export interface SgdOptions {
  /** Share of the last step's velocity that stays. Default 0. */
  momentum?: number;
  /** Added to the gradient times the parameter; biases and norms are not spared. */
  weightDecay?: number;
  /** Which of the learning rates each variable follows. Default the first, for all. */
  groups?: readonly number[];
}

/**
 * Stochastic gradient descent: g += decay·p, v = momentum·v + g, p -= rate·v.
 *
 * PyTorch starts v as the first gradient; starting from 0 is the same, as it has no dampening.
 */
export function sgd(
  variables: readonly tf.Variable[],
  { momentum = 0, weightDecay = 0, groups = [] }: SgdOptions = {},
): Optimizer {
  const velocities = zerosLike(variables);
  return {
    ...slotFunctions({ momentum: velocities }),
    numbers: (_step, rates) => Float32Array.from(rates),
    apply: (gradients, numbers) =>
      tf.tidy(() => {
        const rates = tf.unstack(numbers);
        const [inertia, decay] = [tf.scalar(momentum), tf.scalar(weightDecay)];
        variables.forEach((p, i) => {
          const g = weightDecay === 0 ? gradients[i] : tf.add(gradients[i], tf.mul(p, decay));
          const v = tf.add(tf.mul(velocities[i], inertia), g);
          velocities[i].assign(v);
          p.assign(tf.sub(p, tf.mul(v, rates[groups[i] ?? 0])));
        });
      }),
  };
}

/** Options of {@link adamW}. */
export interface AdamWOptions {
  /** Share of the running mean and of the running square that stays. Default 0.9 and 0.999. */
  betas?: readonly [number, number];
  /** Added to the root of the running square. Default 1e-8. */
  epsilon?: number;
  /** Decoupled: shrinks the parameter by rate·decay. 0 makes this Adam. */
  weightDecay?: number;
}

/**
 * Adam with decoupled weight decay.
 *
 * p *= 1 - rate·decay, then p -= rate/(1 - b1^t) · m / (√v/√(1 - b2^t) + epsilon); both fractions
 * are brought to one denominator, so a step costs one operator less.
 * Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.
 */
export function adamW(
  variables: readonly tf.Variable[],
  { betas: [b1, b2] = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 }: AdamWOptions = {},
): Optimizer {
  const means = zerosLike(variables);
  const squares = zerosLike(variables);
  return {
    ...slotFunctions({ mean: means, square: squares }),
    numbers(step, [rate]) {
      const correction = Math.sqrt(1 - b2 ** step);
      return Float32Array.of(
        rate * correction / (1 - b1 ** step),
        epsilon * correction,
        1 - rate * weightDecay,
      );
    },
    apply: (gradients, numbers) =>
      tf.tidy(() => {
        const [rate, floor, shrink] = tf.unstack(numbers);
        const [keep1, keep2] = [tf.scalar(b1), tf.scalar(b2)];
        const [take1, take2] = [tf.scalar(1 - b1), tf.scalar(1 - b2)];
        variables.forEach((p, i) => {
          const g = gradients[i];
          const m = tf.add(tf.mul(means[i], keep1), tf.mul(g, take1));
          const v = tf.add(tf.mul(squares[i], keep2), tf.mul(tf.square(g), take2));
          means[i].assign(m);
          squares[i].assign(v);
          const direction = tf.div(m, tf.add(tf.sqrt(v), floor));
          const start = weightDecay === 0 ? p : tf.mul(p, shrink);
          p.assign(tf.sub(start, tf.mul(direction, rate)));
        });
      }),
  };
}

/** Not trainable: no gradient is ever asked of a moment. */
function zerosLike(variables: readonly tf.Variable[]): tf.Variable[] {
  return variables.map((variable) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
}

function slotFunctions(
  moments: Record<string, tf.Variable[]>,
): Pick<Optimizer, "slots" | "snapshot" | "restore" | "dispose"> {
  const named = Object.entries(moments).flatMap(([moment, variables]) =>
    variables.map((variable, i) => ({ name: `${moment}.${i}`, variable }))
  );
  return {
    slots: named.map(({ variable }) => variable),
    snapshot: async () =>
      await Promise.all(named.map(async ({ name, variable }) => ({
        name,
        shape: [...variable.shape],
        data: Float32Array.from(await variable.data()),
      }))),
    restore(tensors) {
      const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
      for (const { name, variable } of named) {
        const tensor = byName.get(name);
        if (tensor === undefined || tensor.shape.join() !== variable.shape.join()) {
          const found = tensor === undefined ? "none" : `[${tensor.shape}]`;
          throw new RangeError(
            `Cannot restore the optimizer's "${name}": expected [${variable.shape}], found ${found}`,
          );
        }
        tf.tidy(() => variable.assign(tf.tensor(tensor.data, tensor.shape)));
      }
    },
    dispose() {
      for (const { variable } of named) variable.dispose();
    },
  };
}
