/**
 * What the training recipes share: what they are made from and what one iteration is given.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import type { Degradation } from "../data/degradation.ts";
import type { SrNet } from "../nn/contracts.ts";
import type { Chance, LossView, TaskNet } from "../tasks/task.ts";
import { compile, type CompiledStep, type TensorStep, uncompiled } from "../tensor/compile.ts";
import type { Criterion } from "./tdp.ts";
import type { Losses, Trainee } from "./trainee.ts";

/** Weights of the losses. */
export interface LossWeights {
  /** Distance of S's images from the originals. */
  pixel: number;
  /** The task's loss in every setting but SR4IR. */
  task: number;
  /** Distance of what T sees in both. */
  tdp: number;
  /** The task's loss on SR images in SR4IR. */
  sr: number;
  /** The same on the originals. */
  hr: number;
  /** The same on mixtures of both. */
  cqmix: number;
}

/** In turns, or at once. */
export type Updates = "alternate" | "joint";

/** What a recipe is made from. */
export interface Setup<B extends ImageBatch> {
  /** Super-resolution network; the settings H→T and L→T have none. */
  S: Trainee<SrNet> | undefined;
  /** Task network. */
  T: Trainee<TaskNet<B>>;
  /** Up-scaling factor. */
  scale: number;
  /** How S's input is made. */
  degradation: Degradation;
  /** Of the terms of the loss. */
  weights: LossWeights;
  /** How the features of TDP are compared. */
  criterion: Criterion;
  /** CQMix cells per side. */
  cells: number;
  /** Whether SR4IR moves S and T in turns, as published, or both by one backward pass. */
  updates: Updates;
  /** All batches have one shape, so steps can be traced. */
  uniform: boolean;
}

/** One iteration. */
export interface Iteration<B extends ImageBatch> {
  /** Originals with what belongs to them. */
  batch: B;
  /** Whether S already learns from T's features. */
  tdp: boolean;
  /** What the optimizers need in this step (`Optimizer.numbers`). */
  numbers: { S: tf.Tensor1D; T: tf.Tensor1D };
  /** Random choices. */
  chance: Chance;
}

/** Moves the networks by one iteration; the losses belong to the caller. */
export type Step<B extends ImageBatch> = (iteration: Iteration<B>) => Losses;

/** A version of a batch's images with the random choices that are its own. */
export function lossView(images: tf.Tensor4D, name: string, chance: Chance): LossView {
  return { images, sampler: chance.sampler(name), dropout: chance.dropout(name) };
}

/** What of an iteration is no tensor. */
type Occasion<B extends ImageBatch> = Pick<Iteration<B>, "batch" | "chance">;

/** What a step is made of that asks T for its loss: tensors, and what does not change or cannot be one. */
type LossBody<B extends ImageBatch> = (
  inputs: tf.Tensor[],
  iteration: Occasion<B>,
  targets: tf.Tensor[],
) => Losses;

/**
 * A step that asks T for its loss, traced where that can be and all batches have one shape.
 *
 * @param body is handed the inputs, and T's targets apart
 */
export function lossStep<B extends ImageBatch>(
  { S, T, uniform }: Setup<B>,
  body: LossBody<B>,
): (inputs: tf.Tensor[], iteration: Occasion<B>) => Losses {
  let names: string[] = [];
  const step = compileIf<[count: number, Occasion<B>]>(
    uniform && T.net.targets !== undefined,
    (tensors, [count, iteration]) => {
      const losses = body(tensors.slice(0, count), iteration, tensors.slice(count));
      names = Object.keys(losses);
      return Object.values(losses);
    },
    () => [...S?.state() ?? [], ...T.state()],
  );
  return (inputs, iteration) =>
    tf.tidy(() => {
      const targets = T.net.targets?.(iteration.batch) ?? [];
      const results = step([...inputs, ...targets], [inputs.length, iteration]);
      return Object.fromEntries(names.map((name, i) => [name, results[i] as tf.Scalar]));
    });
}

/**
 * What S drops in one pass of training, as further input of a step: a tensor [branches, B], or
 * nothing where S drops nothing.
 *
 * @param images B
 * @param use as in `Chance.drops`
 */
export function dropInput(
  { net: { keepRates } }: Trainee<SrNet>,
  images: number,
  use: string,
  chance: Pick<Chance, "drops">,
): [tf.Tensor2D] | [] {
  if (keepRates === undefined) return [];
  return [tf.tensor2d(chance.drops(keepRates, images, use), [keepRates.length, images])];
}

/** Traces a step where all batches have one shape. */
export function compileIf<C>(
  uniform: boolean,
  step: TensorStep<C>,
  state: () => readonly tf.Variable[],
): CompiledStep<C> {
  return uniform ? compile(step, state) : uncompiled(step);
}

/** S, which a recipe that needs it cannot do without. */
export function required(S: Trainee<SrNet> | undefined): Trainee<SrNet> {
  if (S === undefined) {
    throw new TypeError("Cannot train this setting without a super-resolution network");
  }
  return S;
}
