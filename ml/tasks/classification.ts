/**
 * Classification: one class per image, cross-entropy.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchesPerEpoch } from "../data/batches.ts";
import {
  type ClassificationBatch,
  classificationBatches,
  classificationBatchesInOrder,
} from "../data/classification_batches.ts";
import {
  type ClassificationDataset,
  readClassificationDataset,
} from "../data/classification_dataset.ts";
import { sameSize } from "../data/extent.ts";
import { loadedSize } from "../data/load_sample.ts";
import { pictureCache } from "../data/picture_cache.ts";
import type { Classifier } from "../nn/contracts.ts";
import { softmaxCrossEntropy } from "../nn/losses.ts";
import type { Params } from "../nn/params.ts";
import type { Purpose, Task, TaskData, TaskNet } from "./task.ts";

/** A classifier in training. */
export interface ClassificationNet extends TaskNet<ClassificationBatch> {
  classifier: Classifier;
}

/** A classification dataset. */
export interface ClassificationData extends TaskData<ClassificationBatch> {
  dataset: ClassificationDataset;
}

/** What `ml/tasks/<name>.ts` exports. */
export const task: Task<ClassificationBatch, ClassificationNet, ClassificationData> = {
  padding: "cut",
  open,
  build(p, module, options, classes) {
    const classifier = (module as ClassifierModule).build(p, { ...options, num_classes: classes });
    return {
      classifier,
      features: (images) => classifier.features(images),
      featureWeights: classifier.featureWeights,
      losses: (views, { labels }, mode, [wanted = tf.tensor1d(labels, "int32")] = []) =>
        views.map(({ images, dropout }) =>
          softmaxCrossEntropy(classifier.logits(images, mode, dropout), wanted)
        ),
      ...classifier.drops ? {} : { targets: ({ labels }) => [tf.tensor1d(labels, "int32")] },
    };
  },
};

/** What a file of `models/classification/` exports. */
interface ClassifierModule {
  build(p: Params, options: Record<string, unknown>): Classifier;
}

/** Training sees random windows, evaluation the middle: batches know which of the two they are. */
async function open(
  folder: string,
  { resize, crop }: Purpose,
): Promise<ClassificationData> {
  const dataset = await readClassificationDataset(folder);
  const { classes, samples } = dataset;
  const read = pictureCache(undefined, resize);
  const cut = { resize, crop };
  return {
    dataset,
    classes,
    images: samples.length,
    uniform: crop !== null || sameSize(samples.map((sample) => loadedSize(sample, resize))),
    iterationsPerEpoch: (batchSize) => batchesPerEpoch(samples.length, batchSize),
    train: (options) => classificationBatches(dataset, { ...options, ...cut, read }),
    evaluate: (options) => classificationBatchesInOrder(dataset, { ...options, ...cut, read }),
  };
}
