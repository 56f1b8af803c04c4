/**
 * Batches of pictures with one class each.
 *
 * @module
 */
import { stream } from "../tensor/random.ts";
import {
  ahead,
  batchesPerEpoch,
  collate,
  courses,
  type ImageBatch,
  type Place,
  type TrainOptions,
} from "./batches.ts";
import type { ClassificationDataset } from "./classification_dataset.ts";
import { loadPicture } from "./load_sample.ts";
import type { PictureReader } from "./picture_cache.ts";
import { sequentialBatches, shuffledBatches } from "./sampler.ts";
import { flipPicture } from "./transforms.ts";
import { centreCorner, cropWindow, randomCorner } from "./windows.ts";

/** Images of one batch with their classes. */
export interface ClassificationBatch extends ImageBatch {
  /** [B] */
  labels: Int32Array;
}

/** What of each picture is shown. */
export interface ClassificationCut {
  /** First resized to so many pixels on the shorter side; as they are if null. */
  resize: number | null;
  /** Side of the windows, pixels: random ones in training, the middle in evaluation; null: whole. */
  crop: number | null;
}

/**
 * Endless shuffled training batches for classification, each image mirrored with probability `flip`.
 * The last batch of an epoch may be smaller, see {@link batchesPerEpoch}.
 */
export async function* classificationBatches(
  { samples }: ClassificationDataset,
  options: TrainOptions & ClassificationCut & { flip?: number },
): AsyncGenerator<ClassificationBatch & Place> {
  const { batchSize, seed, scale, read, start = 0, resize, crop, flip = 0.5 } = options;
  const N = batchesPerEpoch(samples.length, batchSize);
  const epochs = (epoch: number) => shuffledBatches(samples.length, { batchSize, seed, epoch });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const pictures = await Promise.all([...indices].map(async (index, i) => {
      const rng = stream(seed, "crop", place.iteration, i);
      const whole = await loadPicture(read, samples[index], resize);
      const window = crop === null
        ? whole
        : cropWindow(whole, crop, randomCorner(whole, crop, rng), samples[index].file);
      return rng.uniform() < flip ? flipPicture(window) : window;
    }));
    const batch = collate(pictures, scale);
    return () => ({ ...batch(), indices, labels: labelsOf(samples, indices), ...place });
  });
}

/** One pass over a classification dataset in order, for evaluation. The last batch may be smaller. */
export async function* classificationBatchesInOrder(
  { samples }: ClassificationDataset,
  { batchSize, scale, read, resize, crop }: ClassificationCut & {
    batchSize: number;
    scale: number;
    read: PictureReader;
  },
): AsyncGenerator<ClassificationBatch> {
  yield* ahead(sequentialBatches(samples.length, batchSize), async (indices) => {
    const pictures = await Promise.all([...indices].map(async (index) => {
      const whole = await loadPicture(read, samples[index], resize);
      return crop === null
        ? whole
        : cropWindow(whole, crop, centreCorner(whole, crop), samples[index].file);
    }));
    const batch = collate(pictures, scale);
    return () => ({ ...batch(), indices, labels: labelsOf(samples, indices) });
  });
}

function labelsOf(samples: ClassificationDataset["samples"], indices: Int32Array): Int32Array {
  return indices.map((index) => samples[index].label);
}
