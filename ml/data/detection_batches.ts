/**
 * Batches of pictures with boxes.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";
import type { DetectionTarget } from "../nn/contracts.ts";
import { stream } from "../tensor/random.ts";
import {
  ahead,
  collate,
  courses,
  fullBatches,
  type ImageBatch,
  type Place,
  type TrainOptions,
} from "./batches.ts";
import type { DetectionDataset } from "./detection_dataset.ts";
import { loadPicture } from "./load_sample.ts";
import { groupedBatches, sequentialBatches } from "./sampler.ts";
import { flipPicture, flipTarget } from "./transforms.ts";

/** Images of one batch with their objects. */
export interface DetectionBatch extends ImageBatch {
  /** [B] boxes in pixels of the images as they are in the batch. */
  targets: DetectionTarget[];
}

/**
 * Endless training batches for detection: grouped by aspect ratio, each image mirrored with
 * probability `flip`.
 */
export async function* detectionBatches(
  dataset: DetectionDataset,
  options: TrainOptions & { flip?: number },
): AsyncGenerator<DetectionBatch & Place> {
  const { batchSize, seed, scale, read, start = 0, flip = 0.5 } = options;
  const { samples } = dataset;
  const N = fullBatches(samples.length, batchSize);
  const epochs = (epoch: number) => groupedBatches(samples, { batchSize, seed, epoch });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const rng = stream(seed, "flip", place.iteration);
    const chosen = [...indices].map((i) => ({ sample: samples[i], mirror: rng.uniform() < flip }));
    const items = await Promise.all(
      chosen.map(async ({ sample, mirror }) =>
        mirrored(sample, await loadPicture(read, sample), mirror)
      ),
    );
    const batch = collate(items.map(({ picture }) => picture), scale);
    return () => ({ ...batch(), indices, targets: items.map(({ target }) => target), ...place });
  });
}

/** One pass over a detection dataset in order, for evaluation. The last batch may be smaller. */
export async function* detectionBatchesInOrder(
  { samples }: DetectionDataset,
  { batchSize, scale, read }: Pick<TrainOptions, "batchSize" | "scale" | "read">,
): AsyncGenerator<DetectionBatch> {
  yield* ahead(sequentialBatches(samples.length, batchSize), async (indices) => {
    const chosen = [...indices].map((i) => samples[i]);
    const batch = collate(
      await Promise.all(chosen.map((sample) => loadPicture(read, sample))),
      scale,
    );
    const targets = chosen.map(({ boxes, labels }) => ({ boxes, labels }));
    return () => ({ ...batch(), indices, targets });
  });
}

function mirrored(target: DetectionTarget, picture: Picture, mirror: boolean) {
  const { boxes, labels } = target;
  return mirror
    ? { picture: flipPicture(picture), target: flipTarget(target, picture.width) }
    : { picture, target: { boxes, labels } };
}
