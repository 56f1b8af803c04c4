/**
 * Which object each box stands for, and which boxes a loss looks at.
 *
 * @module
 */
import type { Sampler } from "../../../ml/nn/contracts.ts";
import { pairwiseIou } from "../../../ml/tensor/ops/boxes.ts";

/** What {@link matchBoxes} says of a box that overlaps every object too little. */
export const BACKGROUND = -1;
/** What {@link matchBoxes} says of a box that is neither object nor background. */
export const IGNORED = -2;

/** Options of {@link matchBoxes}. */
export interface MatchOptions {
  /** From this IoU on a box stands for the object it overlaps most. */
  foreground: number;
  /** Below this IoU it is background; between the two it is ignored. */
  background: number;
  /** Each object's best boxes stand for an object whatever their IoU. */
  keepBest: boolean;
}

/**
 * The object each box stands for.
 *
 * @param boxes [N]
 * @param objects [M] boxes
 * @returns [N] index of an object, {@link BACKGROUND} or {@link IGNORED}
 *
 * A box that is kept as an object's best (ties included) gets the object that *it* overlaps most,
 * which may be another one, as in torchvision.
 */
export function matchBoxes(
  boxes: Float32Array,
  objects: Float32Array,
  { foreground, background, keepBest }: MatchOptions,
): Int32Array {
  const [N, M] = [boxes.length / 4, objects.length / 4];
  const result = new Int32Array(N).fill(BACKGROUND);
  if (M === 0) return result;
  const [high, low] = [Math.fround(foreground), Math.fround(background)];
  const iou = pairwiseIou(boxes, objects); // [N, M]
  const bestOfObject = new Float32Array(M).fill(-1);
  for (let i = 0; i < N; i++) {
    let best = 0;
    for (let j = 0; j < M; j++) {
      const value = iou[i * M + j];
      if (value > iou[i * M + best]) best = j;
      if (value > bestOfObject[j]) bestOfObject[j] = value;
    }
    const value = iou[i * M + best];
    result[i] = value >= high ? best : value < low ? BACKGROUND : IGNORED;
  }
  if (keepBest) keepBestBoxes(result, iou, bestOfObject);
  return result;
}

function keepBestBoxes(matches: Int32Array, iou: Float32Array, bestOfObject: Float32Array): void {
  const M = bestOfObject.length;
  for (let i = 0; i < matches.length; i++) {
    if (matches[i] >= 0) continue;
    let best = 0;
    let isBest = false;
    for (let j = 0; j < M; j++) {
      if (iou[i * M + j] > iou[i * M + best]) best = j;
      if (iou[i * M + j] === bestOfObject[j]) isBest = true;
    }
    if (isBest) matches[i] = best;
  }
}

/** Boxes that may be sampled, indices in rising order. */
export interface Candidates {
  positive: Int32Array;
  negative: Int32Array;
}

/** Sorts boxes by their match; ignored ones are left out. */
export function candidatesOf(matches: Int32Array): Candidates {
  const positive: number[] = [];
  const negative: number[] = [];
  for (let i = 0; i < matches.length; i++) {
    if (matches[i] >= 0) positive.push(i);
    else if (matches[i] === BACKGROUND) negative.push(i);
  }
  return { positive: Int32Array.from(positive), negative: Int32Array.from(negative) };
}

/** Options of {@link sample}. */
export interface SampleOptions {
  /** Boxes per image. */
  count: number;
  /** Largest part that are objects. */
  positiveFraction: number;
}

/**
 * Draws the boxes of one image that the loss looks at: at most a fraction of objects, the rest
 * background; fewer if there are not enough.
 */
export function sample(
  { positive, negative }: Candidates,
  sampler: Sampler,
  { count, positiveFraction }: SampleOptions,
): Candidates {
  const positives = Math.min(positive.length, Math.floor(count * positiveFraction));
  const negatives = Math.min(negative.length, count - positives);
  return {
    positive: sampler(positive, positives).slice().sort(),
    negative: sampler(negative, negatives).slice().sort(),
  };
}
