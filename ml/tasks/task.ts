/**
 * What a task contributes to training: its network, its loss, its data. Everything else is shared.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch, Place } from "../data/batches.ts";
import type { Mode } from "../nn/batch_norm.ts";
import type { Sampler } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import type { Stream } from "../tensor/random.ts";

/** The random choices of one iteration. Tests hand in fixed ones. */
export interface Chance {
  /** Which samples of a view ("sr", "hr", "cqmix", …) count in its loss. */
  sampler(view: string): Sampler;
  /** What dropout draws from in a view's pass through T; undefined: nothing is dropped. */
  dropout(view: string): Stream | undefined;
  /** CQMix: 1 takes the SR pixel, 0 the HR pixel; [B · cells · cells]. */
  mask(images: number, cells: number): Float32Array;
  /**
   * Stochastic depth: what each branch of S is multiplied by for each image, 0 or 1/rate;
   * [branches · B].
   *
   * @param keepRates S's own
   * @param use tells the passes of one iteration through S apart
   */
  drops(keepRates: readonly number[], images: number, use: string): Float32Array;
}

/** One version of a batch's images: the originals, S's, or a mixture. */
export interface LossView {
  /** [B, H, W, 3] in [0, 1], in the place of `batch.images`. */
  images: tf.Tensor4D;
  /** Which samples of this version count, where a task takes samples. */
  sampler: Sampler;
  /** What dropout draws from; undefined: nothing is dropped. */
  dropout: Stream | undefined;
}

/** A task network on batches of kind B. */
export interface TaskNet<B extends ImageBatch> {
  /**
   * The task's loss on each version of a batch's images, scalars.
   *
   * The versions count one after the other: in `train` mode each moves running statistics. Where
   * nothing is normalised over the batch a task may run them in one pass.
   *
   * @param mode `eval`: by running statistics, without dropout
   * @param targets what {@link targets} gives; made from the batch if they are left out
   */
  losses(
    views: readonly LossView[],
    batch: B,
    mode: Mode,
    targets?: readonly tf.Tensor[],
  ): tf.Scalar[];
  /**
   * What the loss needs of a batch besides its images, as tensors that belong to the caller. The loss
   * is then a function of tensors alone, and a step can be traced. Absent where the loss reads values
   * back or drops at random.
   */
  targets?(batch: B): tf.Tensor[];
  /** Maps that the task-driven perceptual loss compares, as in `eval` mode. */
  features(images: tf.Tensor4D, sizes: B["sizes"]): Record<string, tf.Tensor4D>;
  /** Weight of each map; those that are not named do not count. */
  featureWeights: Record<string, number>;
  /** What a parameter's learning rate is multiplied by; 1 for all unless given. */
  rateFactor?(name: string): number;
}

/** What a dataset is opened for. */
export interface Purpose {
  /** Training or measuring; a task may show less of its pictures in one of them. */
  use: "train" | "evaluate";
  /** Pixels on the shorter side that pictures are first resized to; null: as they are. */
  resize: number | null;
  /** Side of the square windows that are shown; null: whole pictures. */
  crop: number | null;
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
  /** All batches have images of one size. */
  uniform: boolean;
  /** Batches in one pass over the images. */
  iterationsPerEpoch(batchSize: number): number;
  /** Endless. */
  train(options: TrainBatchOptions): AsyncIterable<B & Place>;
  /** One pass, in order. */
  evaluate(options: { batchSize: number; scale: number }): AsyncIterable<B>;
}

/** One task: what `ml/tasks/<name>.ts` exports as `task`. */
export interface Task<B extends ImageBatch, N extends TaskNet<B>, D extends TaskData<B>> {
  /** What becomes of the padding that makes sizes multiples of the scale, once S has done its work. */
  padding: "kept" | "cut";
  /** Reads a dataset's folder. */
  open(folder: string, purpose: Purpose): Promise<D>;
  /**
   * Wraps a network for training.
   *
   * @param module exports of a file of `models/`
   * @param options the network's, checked
   * @param classes K, background included
   */
  build(p: Params, module: unknown, options: Record<string, unknown>, classes: number): N;
}
