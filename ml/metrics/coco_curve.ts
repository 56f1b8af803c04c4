/**
 * Average precision and recall of one class, from what became of its detections.
 *
 * Source: pycocotools' `COCOeval.accumulate`.
 *
 * @module
 */
import { AREA_RANGES, FALSE_POSITIVE, IOU_THRESHOLDS, TRUE_POSITIVE } from "./coco_matching.ts";

/** How many of an image's best detections of a class count. */
export const MAX_DETECTIONS = [1, 10, 100] as const;

const RECALLS = 101;

/** The detections of one class over all images: images in rising id order, scores falling in each. */
export interface ClassOutcomes {
  /** Falling within each image. */
  scores: Float64Array;
  /** Place of each detection within its image, 0 for the best. */
  ranks: Int32Array;
  /** [D][area range][threshold] flattened: what became of each detection. */
  outcomes: Uint8Array;
  /** Objects that count, per area range. */
  counted: Int32Array;
}

/** Of one class, for one area range and number of detections per image; [threshold] each. */
export interface Curve {
  /** Mean of the precision at recall 0, 0.01, …, 1. */
  precision: Float64Array;
  /** Share of the objects that all detections together find. */
  recall: Float64Array;
}

/** Detection numbers in falling score order; equal scores keep their order. */
export function byScore({ scores }: ClassOutcomes): Int32Array {
  return Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * The curve of a class.
 *
 * @param order of {@link byScore}
 * @param range index into `AREA_RANGES`
 * @param limit detections per image that count
 * @returns nothing where no object counts
 */
export function curve(
  outcomes: ClassOutcomes,
  order: Int32Array,
  range: number,
  limit: number,
): Curve | undefined {
  const T = IOU_THRESHOLDS.length;
  const D = order.length;
  const positives = outcomes.counted[range];
  if (positives === 0) return undefined;
  const result = { precision: new Float64Array(T), recall: new Float64Array(T) };
  const [recalls, precisions] = [new Float64Array(D), new Float64Array(D)];
  for (let t = 0; t < T; t++) {
    let [points, found, wrong] = [0, 0, 0];
    for (const d of order) {
      if (outcomes.ranks[d] >= limit) continue;
      const outcome = outcomes.outcomes[(d * AREA_RANGES.length + range) * T + t];
      if (outcome === TRUE_POSITIVE) found++;
      else if (outcome === FALSE_POSITIVE) wrong++;
      recalls[points] = found / positives;
      // The smallest number keeps 0/0 at 0, as NumPy's spacing(1) does in the original.
      precisions[points++] = found / (found + wrong + Number.EPSILON);
    }
    result.recall[t] = points === 0 ? 0 : recalls[points - 1];
    result.precision[t] = averagePrecision(recalls, precisions, points);
  }
  return result;
}

/**
 * Mean over the recall points of the best precision at that recall or beyond.
 *
 * @param recalls not falling; the first `points` count
 * @param precisions changed here: made not rising
 */
function averagePrecision(recalls: Float64Array, precisions: Float64Array, points: number): number {
  for (let i = points - 1; i > 0; i--) {
    if (precisions[i] > precisions[i - 1]) precisions[i - 1] = precisions[i];
  }
  let [sum, i] = [0, 0];
  for (let r = 0; r < RECALLS; r++) {
    while (i < points && recalls[i] < r * 0.01) i++;
    if (i === points) break; // not reached: precision 0 from here on
    sum += precisions[i];
  }
  return sum / RECALLS;
}

/** Indices into `AREA_RANGES`. */
export const AREA = { all: 0, small: 1, medium: 2, large: AREA_RANGES.length - 1 } as const;
