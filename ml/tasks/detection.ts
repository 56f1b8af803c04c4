/**
 * Object detection: a two-stage detector, its four losses, COCO's average precision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type DetectionDataset, readDetectionDataset } from "../data/detection_dataset.ts";
import {
  type DetectionBatch,
  detectionBatches,
  detectionBatchesInOrder,
  iterationsPerEpoch,
} from "../data/loader.ts";
import { pictureCache } from "../data/picture_cache.ts";
import { type DetectedBox, evaluateDetections } from "../metrics/coco_map.ts";
import type { Detections, Detector } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import { markImage } from "./detection_marks.ts";
import type { Task, TaskData, TaskNet } from "./task.ts";

/** A detector in training. */
export interface DetectionNet extends TaskNet<DetectionBatch> {
  detector: Detector;
}

/** A detection dataset. */
export interface DetectionData extends TaskData<DetectionBatch> {
  dataset: DetectionDataset;
}

/** What `ml/tasks/<name>.ts` exports. */
export const task: Task<DetectionBatch, DetectionNet, DetectionData> = {
  mainMetric: "AP",
  open,
  build(p, module, options, classes) {
    const detector = (module as DetectorModule).build(p, { ...options, num_classes: classes });
    return {
      detector,
      features: detector.features,
      featureWeights: detector.featureWeights,
      losses: (views, { sizes, targets }) =>
        detector.lossesOfViews(views, sizes, targets).map((
          { classifier, box_reg, objectness, rpn_box_reg },
        ) => tf.addN([classifier, box_reg, objectness, rpn_box_reg])),
    };
  },
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

/** What a file of `models/detection/` exports. */
interface DetectorModule {
  build(p: Params, options: Record<string, unknown>): Detector;
}

async function open(folder: string): Promise<DetectionData> {
  const dataset = await readDetectionDataset(folder);
  const { samples } = dataset;
  const read = pictureCache();
  return {
    dataset,
    classes: dataset.classes,
    images: samples.length,
    uniform: new Set(samples.map(({ width, height }) => `${width}x${height}`)).size === 1,
    iterationsPerEpoch: (batchSize) => iterationsPerEpoch(samples.length, batchSize),
    train: (options) => detectionBatches(dataset, { ...options, read }),
    evaluate: (options) => detectionBatchesInOrder(dataset, { ...options, read }),
  };
}

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
