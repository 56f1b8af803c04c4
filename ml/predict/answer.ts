/**
 * What a task contributes to predictions: what its network says of a picture, in numbers and drawn.
 *
 * It stands apart from training and evaluation, so that a change here costs neither.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import type { Picture } from "../image/picture.ts";
import type { TaskNet } from "../tasks/task.ts";

/** What was found in one picture. */
export interface Answer {
  /** For JSON. */
  found: unknown;
  /** In a few words, for people. */
  summary: string;
  /** The picture with what was found drawn on it or below it. */
  drawn: Picture;
  /** Where every pixel has a class: [height, width] class numbers, of the size T was shown. */
  classMap?: { width: number; height: number; data: Uint8Array };
}

/** What an answer is made of. */
export interface Question {
  /** What T is shown. */
  picture: Picture;
  /** Its pixels as a batch of one, [1, H, W, 3] in [0, 1]; belongs to the caller. */
  images: tf.Tensor4D;
  /** K names, background included where the task has it. */
  classes: readonly string[];
  /** Pixels of the SR picture for one of `picture`. */
  zoom: number;
}

/** What `ml/predict/tasks/<task>.ts` exports as `answering`. */
export interface Answering<B extends ImageBatch, N extends TaskNet<B>> {
  /** Whether T sees the middle window that evaluations show it, where it was trained on windows. */
  window: boolean;
  /** Asks the network. */
  answer(net: N, question: Question): Promise<Answer>;
}
