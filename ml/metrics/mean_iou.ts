/**
 * Intersection over union of classes, from a confusion matrix of pixels.
 *
 * @module
 */

/** What {@link ConfusionMatrix.scores} gives, each in [0, 1]; NaN where there is nothing to divide. */
export interface IouScores {
  /** [K] pixels of a class that were found, by all that are it or were taken for it. */
  perClass: number[];
  /** Mean of all classes; NaN if one occurs neither in the labels nor in the predictions. */
  mean: number;
  /** Mean of the classes that occur. */
  meanOfPresent: number;
  /** Share of the pixels that count whose class was found. */
  pixelAccuracy: number;
}

/**
 * How often each class was taken for each. Source: torchvision's reference for segmentation.
 */
export class ConfusionMatrix {
  /** [K · K] row by row. */
  readonly #counts: Float64Array;

  /** @param classes K */
  constructor(readonly classes: number) {
    this.#counts = new Float64Array(classes ** 2);
  }

  /**
   * Counts pixels.
   *
   * @param truth their classes; those that are K or more (255: void) do not count
   * @param predicted what was predicted, 0 … K-1
   */
  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    if (truth.length !== predicted.length) {
      throw new RangeError(
        `Cannot compare ${truth.length} pixels with ${predicted.length}: expected as many`,
      );
    }
    const K = this.classes;
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] < K) this.#counts[truth[i] * K + predicted[i]]++;
    }
  }

  /** [K][K]: rows are the truth, columns the prediction. */
  rows(): number[][] {
    const K = this.classes;
    return Array.from({ length: K }, (_, k) => [...this.#counts.subarray(k * K, (k + 1) * K)]);
  }

  /** What the counts come to. */
  scores(): IouScores {
    const rows = this.rows();
    const right = rows.map((row, k) => row[k]);
    const are = rows.map(sum);
    const taken = rows.map((_, k) => sum(rows.map((row) => row[k])));
    const perClass = right.map((count, k) => count / (are[k] + taken[k] - count));
    return {
      perClass,
      mean: mean(perClass),
      meanOfPresent: mean(perClass.filter((iou) => !Number.isNaN(iou))),
      pixelAccuracy: sum(right) / sum(are),
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** NaN of none. */
function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
