/**
 * Segmentation: how far the masks of two answers overlap.
 *
 * @module
 */
import { ConfusionMatrix } from "../../metrics/mean_iou.ts";
import type { Answer } from "../answer.ts";
import type { Agreement } from "../agreement.ts";

/** What `ml/predict/agreement/<task>.ts` exports. */
export const agreement: Agreement = {
  name: "mIoU",
  meaning: "How far T's masks overlap, in percent: pixels that have a class in both, over those " +
    "that have it in either, averaged over the classes that T finds.",
  start(classes) {
    const counts = new ConfusionMatrix(classes);
    return {
      add: (shown, original) => counts.add(mapOf(original), mapOf(shown)),
      percent() {
        const { meanOfPresent } = counts.scores();
        return Number.isNaN(meanOfPresent) ? null : 100 * meanOfPresent;
      },
    };
  },
};

function mapOf({ classMap }: Answer): Uint8Array {
  if (classMap === undefined) throw new TypeError("Cannot compare answers without class maps");
  return classMap.data;
}
