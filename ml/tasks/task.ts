/**
 * What a task contributes to training: its network, its loss, its data. Everything else is shared.
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

/** One version of a batch's images: the originals, S's, or a mixture. */
export interface LossView {
  /** [B, H, W, 3] in [0, 1], in the place of `batch.images`. */
  images: tf.Tensor4D;
  /** Which samples of this version count. */
  sampler: Sampler;
}

/** A task network on batches of kind B. */
export interface TaskNet<B extends ImageBatch> {
  /**
   * The task's loss on each version of a batch's images, scalars.
   *
   * The versions are independent of each other; where nothing is normalised over the batch a task
   * may run them in one pass.
   */
  losses(views: readonly LossView[], batch: B): tf.Scalar[];
  /** Maps that the task-driven perceptual loss compares. */
  features(images: tf.Tensor4D, sizes: B["sizes"]): Record<string, tf.Tensor4D>;
  /** Weight of each map; those that are not named do not count. */
  featureWeights: Record<string, number>;
}

/** How training batches are made. */
export interface TrainBatchOptions {
  /** Images at once. */
  batchSize: number;
  /** Decides order and augmentation. */
  seed: number;
  /** Heights and widths are padded to a multiple of it. */
  scale: number;
  /** Iterations to skip, to go on from a checkpoint. */
  start: number;
}

/** A labelled dataset in memory (pictures stay on disk until they are needed). */
export interface TaskData<B extends ImageBatch> {
  /** Names, index 0 first; the background is one of them where the task has it. */
  classes: string[];
  /** Number of images. */
  images: number;
  /** All images have one size. */
  uniform: boolean;
  /** Full batches in one pass over the images. */
  iterationsPerEpoch(batchSize: number): number;
  /** Endless. */
  train(options: TrainBatchOptions): AsyncIterable<B & Place>;
  /** One pass, in order. */
  evaluate(options: { batchSize: number; scale: number }): AsyncIterable<B>;
}

/** One task: what `ml/tasks/<name>.ts` exports as `task`. */
export interface Task<B extends ImageBatch, N extends TaskNet<B>, D extends TaskData<B>> {
  /** Reads a dataset's folder. */
  open(folder: string): Promise<D>;
  /**
   * Wraps a network for training.
   *
   * @param module exports of a file of `models/`
   * @param options the network's, checked
   * @param classes K, background included
   */
  build(p: Params, module: unknown, options: Record<string, unknown>, classes: number): N;
}
