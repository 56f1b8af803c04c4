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

/** Scores of a trained setting. */
export interface Evaluation {
  /** By name, in the unit that is shown (percent). */
  metrics: Record<string, number | null>;
  /** The main metric per class, by class name. */
  perClass: Record<string, number | null>;
  /** What was predicted, to be written as JSON. */
  predictions: unknown;
}

/** A region of an image with a name, as reports draw it. */
export interface Mark {
  /** x1, y1, x2, y2 in pixels of the image. */
  box: [number, number, number, number];
  /** Name of the class. */
  label: string;
  /** What was found also has a score in [0, 1]. */
  score?: number;
  /** An object as it is annotated; found as it should be; found and wrong; not found. */
  kind: "truth" | "right" | "wrong" | "missed";
}

/** One image's result, as reports show it. */
export interface MarkedImage {
  /** What the dataset calls the image. */
  name: string;
  /** What there is. */
  truth: Mark[];
  /** What was found, and what should have been. */
  found: Mark[];
}

/** Collects what a network predicts, then scores it. */
export interface Evaluator<B extends ImageBatch> {
  /**
   * Predicts a batch.
   *
   * @param images [B, H, W, 3], in the place of `batch.images`
   */
  add(images: tf.Tensor4D, batch: B): Promise<void>;
  /**
   * What was predicted in one image, to be drawn.
   *
   * @param index position in the dataset of an image that was added
   */
  marks(index: number): MarkedImage;
  /** Called once, after the last batch. */
  finish(): Evaluation;
}

/** One task: what `ml/tasks/<name>.ts` exports as `task`. */
export interface Task<B extends ImageBatch, N extends TaskNet<B>, D extends TaskData<B>> {
  /** The metric that tables show first. */
  mainMetric: string;
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
  /** Starts an evaluation. */
  evaluator(net: N, data: D): Evaluator<B>;
}
