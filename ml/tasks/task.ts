/**
 * What a task contributes: its network, its loss, its data, its metric. Everything else is shared.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch, Place } from "../data/loader.ts";
import type { Sampler } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";

/** The random choices of one iteration. Tests hand in fixed ones. */
export interface Chance {
  /** Which samples of a view ("sr", "hr", "cqmix", …) count in its loss. */
  sampler(view: string): Sampler;
  /** CQMix: 1 takes the SR pixel, 0 the HR pixel; [B · cells · cells]. */
  mask(images: number, cells: number): Float32Array;
}

/** A task network on batches of kind B. */
export interface TaskNet<B extends ImageBatch> {
  /**
   * @param images [B, H, W, 3] in [0, 1], in the place of `batch.images`
   * @returns the task's loss, a scalar
   */
  loss(images: tf.Tensor4D, batch: B, sampler: Sampler): tf.Scalar;
  /** Maps that the task-driven perceptual loss compares. */
  features(images: tf.Tensor4D, sizes: B["sizes"]): Record<string, tf.Tensor4D>;
  featureWeights: Record<string, number>;
}

/** A labelled dataset in memory (pictures stay on disk until they are needed). */
export interface TaskData<B extends ImageBatch> {
  /** Class names, background included where the task has one. */
  classes: string[];
  images: number;
  /** All images have one size. */
  uniform: boolean;
  iterationsPerEpoch(batchSize: number): number;
  /** Endless. */
  train(options: TrainBatchOptions): AsyncIterable<B & Place>;
}

/** How training batches are made. */
export interface TrainBatchOptions {
  batchSize: number;
  seed: number;
  scale: number;
  /** Iterations to skip, to go on from a checkpoint. */
  start: number;
}

/** Scores of a trained setting. */
export interface Evaluation {
  /** By name, in the unit that is shown (percent, dB). */
  metrics: Record<string, number | null>;
  /** Scores per class, by class name. */
  perClass: Record<string, number | null>;
}

/** One task. */
export interface Task<B extends ImageBatch> {
  /** Opens a dataset folder. */
  open(folder: string): Promise<TaskData<B>>;
  /** Wraps a network of `models/` (a module's exports) for training. */
  build(p: Params, module: unknown, options: unknown, classes: number): TaskNet<B>;
}
