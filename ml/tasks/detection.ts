/**
 * Object detection: a two-stage detector and its four losses.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type DetectionDataset, readDetectionDataset } from "../data/detection_dataset.ts";
import { fullBatches } from "../data/batches.ts";
import {
  type DetectionBatch,
  detectionBatches,
  detectionBatchesInOrder,
} from "../data/detection_batches.ts";
import { pictureCache } from "../data/picture_cache.ts";
import { sameSize } from "../data/extent.ts";
import type { Detector } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import type { Purpose, Task, TaskData, TaskNet } from "./task.ts";

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
  padding: "kept",
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
};

/** What a file of `models/detection/` exports. */
interface DetectorModule {
  build(p: Params, options: Record<string, unknown>): Detector;
}

async function open(folder: string, { resize, crop }: Purpose): Promise<DetectionData> {
  if (resize !== null || crop !== null) {
    throw new RangeError("Cannot cut pictures for detection: the detector resizes them itself");
  }
  const dataset = await readDetectionDataset(folder);
  const { samples } = dataset;
  const read = pictureCache();
  return {
    dataset,
    classes: dataset.classes,
    images: samples.length,
    uniform: sameSize(samples),
    iterationsPerEpoch: (batchSize) => fullBatches(samples.length, batchSize),
    train: (options) => detectionBatches(dataset, { ...options, read }),
    evaluate: (options) => detectionBatchesInOrder(dataset, { ...options, read }),
  };
}
