/**
 * What a task contributes to evaluation: its metric, and what to draw of its results.
 *
 * It stands apart from training, so that a change here measures again but trains nothing.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import type { Picture } from "../image/picture.ts";
import type { TaskData, TaskNet } from "../tasks/task.ts";

/** Scores of a trained setting. */
export interface Evaluation {
  /** By name, in the unit that is shown (percent). */
  metrics: Record<string, number | null>;
  /** The main metric per class, by class name. */
  perClass: Record<string, number | null>;
  /** What was predicted, to be written as JSON. */
  predictions: unknown;
  /** Where images have maps: the colour of each class, RGB in 0 … 255. */
  colours?: Record<string, readonly [number, number, number]>;
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
  /** The class of every pixel as a colour, in pictures of the image's size. */
  maps?: { truth: Picture; found: Picture };
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

/** How a task is scored: what `ml/evaluation/<task>.ts` exports as `scoring`. */
export interface Scoring<B extends ImageBatch, N extends TaskNet<B>, D extends TaskData<B>> {
  /** The metric that tables show first. */
  mainMetric: string;
  /**
   * Starts an evaluation.
   *
   * @param shown images at the beginning of the dataset whose marks will be asked for
   */
  evaluator(net: N, data: D, shown: number): Evaluator<B>;
}
