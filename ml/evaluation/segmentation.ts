/**
 * Semantic segmentation: mean intersection over union.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SegmentationBatch } from "../data/segmentation_batches.ts";
import { ConfusionMatrix } from "../metrics/mean_iou.ts";
import type { SegmentationData, SegmentationNet } from "../tasks/segmentation.ts";
import { classColour, paintClasses } from "./class_colours.ts";
import type { Scoring } from "./scoring.ts";

/** Classes of the pixels of one image, [height, width]. */
interface ClassMaps {
  width: number;
  height: number;
  truth: Uint8Array;
  found: Uint8Array;
}

/**
 * What `ml/evaluation/<task>.ts` exports.
 *
 * "mIoU" is the mean over the classes that occur. The official one takes all, so there is none if
 * a class occurs neither in the masks nor in the predictions, as may happen in small datasets.
 */
export const scoring: Scoring<SegmentationBatch, SegmentationNet, SegmentationData> = {
  mainMetric: "mIoU",
  evaluator({ segmenter }, { dataset: { classes, samples } }, shown) {
    const confusion = new ConfusionMatrix(classes.length);
    const kept = new Map<number, ClassMaps>();
    return {
      async add(images, { labels, indices }) {
        const [, height, width] = images.shape;
        const answer = tf.tidy(() => tf.argMax(segmenter.logits(images, "eval").out, 3));
        const found = Uint8Array.from(await answer.data()); // [B, height, width]
        answer.dispose();
        confusion.add(labels, found);
        indices.forEach((index, i) => {
          if (index >= shown) return; // the maps of all would take too much memory
          const [from, to] = [i, i + 1].map((image) => image * height * width);
          const maps = { truth: labels.slice(from, to), found: found.slice(from, to) };
          kept.set(index, { width, height, ...maps });
        });
      },

      marks(index) {
        const maps = kept.get(index);
        if (maps === undefined) throw new RangeError(`Cannot draw image ${index}: not kept`);
        const [truth, found] = [maps.truth, maps.found]
          .map((labels) => paintClasses(labels, maps.width, maps.height));
        const name = samples[index].file.replace(/^.*\//, "");
        return { name, truth: [], found: [], maps: { truth, found } };
      },

      finish() {
        const { perClass, mean, meanOfPresent, pixelAccuracy } = confusion.scores();
        const byClass = <T>(value: (label: number) => T): Record<string, T> =>
          Object.fromEntries(classes.map((name, label) => [name, value(label)]));
        return {
          metrics: {
            mIoU: percent(meanOfPresent),
            "mIoU official": percent(mean),
            "pixel accuracy": percent(pixelAccuracy),
          },
          perClass: byClass((label) => percent(perClass[label])),
          predictions: { classes, confusion: confusion.rows() },
          colours: byClass(classColour),
        };
      },
    };
  },
};

/** NaN means that there was nothing to divide. */
function percent(share: number): number | null {
  return Number.isNaN(share) ? null : 100 * share;
}
