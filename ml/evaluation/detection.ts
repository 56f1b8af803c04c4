/**
 * Object detection: COCO's average precision.
 *
 * @module
 */
import type { DetectionBatch } from "../data/detection_batches.ts";
import { type DetectedBox, evaluateDetections } from "../metrics/coco_map.ts";
import type { Detections } from "../nn/contracts.ts";
import type { DetectionData, DetectionNet } from "../tasks/detection.ts";
import { markImage } from "./detection_marks.ts";
import type { Scoring } from "./scoring.ts";

/** What `ml/evaluation/<task>.ts` exports. */
export const scoring: Scoring<DetectionBatch, DetectionNet, DetectionData> = {
  mainMetric: "AP",
  evaluator({ detector }, { dataset }) {
    const detections: DetectedBox[] = [];
    const byIndex = new Map<number, Detections>();
    return {
      async add(images, { sizes, indices }) {
        const found = await detector.detect(images, sizes);
        found.forEach((image, i) => {
          byIndex.set(indices[i], image);
          detections.push(...toCoco(image, dataset.samples[indices[i]].id, dataset.categoryIds));
        });
      },
      marks(index) {
        const found = byIndex.get(index);
        if (found === undefined) throw new RangeError(`Cannot mark image ${index}: not evaluated`);
        return markImage(dataset.samples[index], found, dataset.classes);
      },
      finish() {
        const { perClass, ...scores } = evaluateDetections(dataset.groundTruth, detections);
        const byCategory = new Map(perClass.map(({ category_id, AP }) => [category_id, AP]));
        return {
          metrics: mapValues(scores, percent),
          perClass: Object.fromEntries(
            dataset.classes.slice(1).map((name, i) => [
              name,
              percent(byCategory.get(dataset.categoryIds[i + 1])),
            ]),
          ),
          predictions: detections,
        };
      },
    };
  },
};

/** COCO's form: (x, y, width, height), category ids. */
function toCoco(
  { boxes, scores, labels }: Detections,
  image_id: number | string,
  categoryIds: readonly number[],
): DetectedBox[] {
  return Array.from(labels, (label, i) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * i, 4 * i + 4);
    return {
      image_id,
      category_id: categoryIds[label],
      bbox: [x1, y1, x2 - x1, y2 - y1],
      score: scores[i],
    };
  });
}

/** COCO's -1 means that there was nothing to average. */
function percent(score: number | undefined): number | null {
  return score === undefined || score < 0 ? null : 100 * score;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
