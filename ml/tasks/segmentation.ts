/**
 * Semantic segmentation: a class for every pixel.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchesPerEpoch } from "../data/batches.ts";
import { sameSize } from "../data/extent.ts";
import { loadedSize } from "../data/load_sample.ts";
import { maskCache } from "../data/mask_cache.ts";
import { pictureCache } from "../data/picture_cache.ts";
import {
  type SegmentationBatch,
  segmentationBatches,
  segmentationBatchesInOrder,
} from "../data/segmentation_batches.ts";
import {
  readSegmentationDataset,
  type SegmentationDataset,
  VOID,
} from "../data/segmentation_dataset.ts";
import type { Segmenter } from "../nn/contracts.ts";
import { pixelCrossEntropy } from "../nn/losses.ts";
import type { Params } from "../nn/params.ts";
import type { Purpose, Task, TaskData, TaskNet } from "./task.ts";

/** A segmenter in training. */
export interface SegmentationNet extends TaskNet<SegmentationBatch> {
  segmenter: Segmenter;
}

/** A segmentation dataset. */
export interface SegmentationData extends TaskData<SegmentationBatch> {
  dataset: SegmentationDataset;
}

/** Share of the auxiliary head in the loss. */
const AUX_WEIGHT = 0.5;

/** What `ml/tasks/<name>.ts` exports. */
export const task: Task<SegmentationBatch, SegmentationNet, SegmentationData> = {
  padding: "cut",
  open,
  build(p, module, options, classes) {
    const segmenter = (module as SegmenterModule).build(p, { ...options, num_classes: classes });
    return {
      segmenter,
      features: segmenter.features,
      featureWeights: segmenter.featureWeights,
      rateFactor: segmenter.rateFactor,
      losses: (views, batch, mode, [labels = labelsOf(batch)] = []) =>
        views.map(({ images, dropout }) =>
          segmentationLoss(segmenter.logits(images, mode, dropout), labels as tf.Tensor3D)
        ),
      ...segmenter.drops ? {} : { targets: (batch) => [labelsOf(batch)] },
    };
  },
};

/** int32 [B, H, W] */
function labelsOf({ images, labels }: SegmentationBatch): tf.Tensor3D {
  const [B, H, W] = images.shape;
  return tf.tensor3d(Int32Array.from(labels), [B, H, W], "int32");
}

/**
 * Mean cross-entropy of the pixels that count, plus half of the auxiliary head's.
 *
 * @param logits `out` and, where there is an auxiliary head, `aux`: [B, H, W, K]
 * @param labels int32 [B, H, W]; 255 does not count
 */
export function segmentationLoss(
  { out, aux }: ReturnType<Segmenter["logits"]>,
  labels: tf.Tensor3D,
): tf.Scalar {
  return tf.tidy(() => {
    const main = pixelCrossEntropy(out, labels, VOID);
    if (aux === undefined) return main;
    return tf.add(main, tf.mul(AUX_WEIGHT, pixelCrossEntropy(aux, labels, VOID)));
  });
}

/** What a file of `models/segmentation/` exports. */
interface SegmenterModule {
  build(p: Params, options: Record<string, unknown>): Segmenter;
}

async function open(folder: string, { use, resize, crop }: Purpose): Promise<SegmentationData> {
  const dataset = await readSegmentationDataset(folder);
  const { classes, samples } = dataset;
  const readers = { read: pictureCache(undefined, resize), readMask: maskCache() };
  return {
    dataset,
    classes,
    images: samples.length,
    uniform: use === "train" && crop !== null ||
      sameSize(samples.map((sample) => loadedSize(sample, resize))),
    iterationsPerEpoch: (batchSize) => batchesPerEpoch(samples.length, batchSize),
    train: (options) => segmentationBatches(dataset, { ...options, ...readers, resize, crop }),
    evaluate: (options) => segmentationBatchesInOrder(dataset, { ...options, ...readers, resize }),
  };
}
