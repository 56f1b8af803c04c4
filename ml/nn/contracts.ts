/**
 * What the rest relies on from a network, whatever it is inside.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Stream } from "../tensor/random.ts";
import type { Mode } from "./batch_norm.ts";

/** A super-resolution network. */
export interface SrNet {
  /**
   * [B, h, w, 3] in [0, 1] → [B, h·s, w·s, 3], neither clamped nor quantised.
   *
   * @param drops stochastic depth of a training step, [branches, B]: what a branch of an image is
   *   multiplied by, 0 or 1/rate; undefined: evaluation, no branch is dropped
   */
  (lr: tf.Tensor4D, drops?: tf.Tensor2D): tf.Tensor4D;
  /** How often training keeps each branch that it may drop, in order; none: it drops none. */
  keepRates?: readonly number[];
}

/** Height and width of one image inside a padded batch, pixels. */
export type Size = readonly [height: number, width: number];

/** The objects of one image. */
export interface DetectionTarget {
  /** N boxes (x1, y1, x2, y2) one after the other, pixels of the image as it is given. */
  boxes: Float32Array;
  /** [N] class of each box, 1 … K-1; 0 is background. */
  labels: Int32Array;
}

/** What a detector found in one image, falling score order. */
export interface Detections {
  /** N boxes (x1, y1, x2, y2), pixels of the image as it was given. */
  boxes: Float32Array;
  /** [N] in [0, 1]. */
  scores: Float32Array;
  /** [N] 1 … K-1. */
  labels: Int32Array;
}

/** The four terms of a detector's loss, each a scalar, in the order they are summed. */
export interface DetectionLosses {
  /** Cross-entropy of the classes of the sampled regions. */
  classifier: tf.Scalar;
  /** Smooth L1 of the boxes of the regions that hold an object. */
  box_reg: tf.Scalar;
  /** Binary cross-entropy of the sampled anchors. */
  objectness: tf.Scalar;
  /** Smooth L1 of the boxes of the anchors that hold an object. */
  rpn_box_reg: tf.Scalar;
}

/**
 * Chooses `count` of the `candidates` (indices in rising order). Training draws at random; tests
 * take the first ones. Fewer candidates than `count`: all of them.
 */
export type Sampler = (candidates: Int32Array, count: number) => Int32Array;

/** A two-stage detector. */
export interface Detector {
  /**
   * The maps that the task-driven perceptual loss compares, by name.
   *
   * @param images [B, H, W, 3] in [0, 1], each image in the top left corner
   * @param sizes the part of each image that counts, [B]
   */
  features(images: tf.Tensor4D, sizes: readonly Size[]): Record<string, tf.Tensor4D>;
  /** Weight of each map in the task-driven perceptual loss. */
  featureWeights: Record<string, number>;
  /**
   * Losses of a batch. Synchronous: call it under `tf.variableGrads`.
   *
   * @param images [B, H, W, 3] in [0, 1], each image in the top left corner
   */
  losses(
    images: tf.Tensor4D,
    sizes: readonly Size[],
    targets: readonly DetectionTarget[],
    sampler: Sampler,
  ): DetectionLosses;
  /**
   * {@link Detector.losses} of several versions of the same images in one pass: the same numbers up
   * to rounding, with a third of the operations for three versions.
   */
  lossesOfViews(
    views: readonly { images: tf.Tensor4D; sampler: Sampler }[],
    sizes: readonly Size[],
    targets: readonly DetectionTarget[],
  ): DetectionLosses[];
  /** Inference; boxes in pixels of the given images. */
  detect(images: tf.Tensor4D, sizes: readonly Size[]): Promise<Detections[]>;
}

/** A network that gives every pixel a class. */
export interface Segmenter {
  /**
   * Scores of every pixel.
   *
   * @param images [B, H, W, 3] in [0, 1]
   * @param dropout what dropout draws from in `train` mode; undefined: nothing is dropped
   * @returns `out` and, where there is an auxiliary head, `aux`: logits [B, H, W, K]
   */
  logits(
    images: tf.Tensor4D,
    mode: Mode,
    dropout?: Stream,
  ): { out: tf.Tensor4D; aux?: tf.Tensor4D };
  /** The maps that the task-driven perceptual loss compares, by running statistics. */
  features(images: tf.Tensor4D): Record<string, tf.Tensor4D>;
  /** Weight of each map in the task-driven perceptual loss. */
  featureWeights: Record<string, number>;
  /** What a parameter's learning rate is multiplied by. */
  rateFactor(name: string): number;
  /** Whether anything is dropped at random in training, which cannot be traced. */
  drops: boolean;
}

/** A network that gives every image a class. */
export interface Classifier {
  /**
   * Scores of every image.
   *
   * @param images [B, H, W, 3] in [0, 1]
   * @param dropout what dropout draws from in `train` mode; undefined: nothing is dropped
   * @returns logits [B, K]
   */
  logits(images: tf.Tensor4D, mode: Mode, dropout?: Stream): tf.Tensor2D;
  /** The maps that the task-driven perceptual loss compares, by running statistics. */
  features(images: tf.Tensor4D): Record<string, tf.Tensor4D>;
  /** Weight of each map in the task-driven perceptual loss. */
  featureWeights: Record<string, number>;
  /** Whether anything is dropped at random in training, which cannot be traced. */
  drops: boolean;
}
