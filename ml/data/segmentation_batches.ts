/**
 * Batches of pictures with a class for every pixel.
 *
 * @module
 */
import type { Mask } from "../image/mask.ts";
import type { Picture } from "../image/picture.ts";
import { type Stream, stream } from "../tensor/random.ts";
import {
  ahead,
  batchesPerEpoch,
  collate,
  courses,
  type ImageBatch,
  type Place,
  type TrainOptions,
} from "./batches.ts";
import { loadedSize, loadMask, loadPicture } from "./load_sample.ts";
import type { MaskReader } from "./mask_cache.ts";
import type { PictureReader } from "./picture_cache.ts";
import { evenBatches, shuffledBatches } from "./sampler.ts";
import { type SegmentationDataset, VOID } from "./segmentation_dataset.ts";
import { flipMask, flipPicture } from "./transforms.ts";
import { filledWindow, randomCorner } from "./windows.ts";

/** Images of one batch with the classes of their pixels. */
export interface SegmentationBatch extends ImageBatch {
  /**
   * [B, h, w] class of each pixel; 255 does not count. In training h and w are those of `images`
   * (padding is 255); in evaluation those of the unpadded images, all equal in a batch.
   */
  labels: Uint8Array;
}

/**
 * Endless shuffled training batches for segmentation, each image mirrored with probability `flip`.
 *
 * Pictures and masks are resized, filled up with black and 255 to at least `crop` pixels both ways,
 * and seen through the same random window. The last batch of an epoch may be smaller, see
 * {@link batchesPerEpoch}. Source: torchvision's reference for segmentation.
 */
export async function* segmentationBatches(
  { samples }: SegmentationDataset,
  options: TrainOptions & {
    /** Pixels of the shorter side; as they are if null. */
    resize: number | null;
    /** Side of random windows, pixels; whole pictures if null. */
    crop: number | null;
    readMask: MaskReader;
    flip?: number;
  },
): AsyncGenerator<SegmentationBatch & Place> {
  const { batchSize, seed, scale, read, readMask, start = 0, resize, crop, flip = 0.5 } = options;
  const N = batchesPerEpoch(samples.length, batchSize);
  const epochs = (epoch: number) => shuffledBatches(samples.length, { batchSize, seed, epoch });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const items = await Promise.all([...indices].map(async (index, i) => {
      const rng = stream(seed, "crop", place.iteration, i);
      const picture = await loadPicture(read, samples[index], resize);
      const mask = await loadMask(readMask, samples[index], resize);
      const window = crop === null ? { picture, mask } : randomWindow(picture, mask, crop, rng);
      return rng.uniform() < flip ? mirrored(window) : window;
    }));
    const batch = collate(items.map(({ picture }) => picture), scale);
    return () => {
      const collated = batch();
      const [, H, W] = collated.images.shape;
      const labels = padLabels(items.map(({ mask }) => mask), H, W);
      return { ...collated, indices, labels, ...place };
    };
  });
}

/**
 * One pass over a segmentation dataset in order, for evaluation. A batch ends early where the next
 * picture has another size.
 */
export async function* segmentationBatchesInOrder(
  { samples }: SegmentationDataset,
  { batchSize, scale, read, readMask, resize }: {
    batchSize: number;
    scale: number;
    read: PictureReader;
    readMask: MaskReader;
    /** Pixels of the shorter side, of pictures and masks; as they are if null. */
    resize: number | null;
  },
): AsyncGenerator<SegmentationBatch> {
  const sizes = samples.map((sample) => loadedSize(sample, resize));
  yield* ahead(evenBatches(sizes, batchSize), async (indices) => {
    const chosen = [...indices].map((i) => samples[i]);
    const pictures = await Promise.all(chosen.map((sample) => loadPicture(read, sample, resize)));
    const masks = await Promise.all(chosen.map((sample) => loadMask(readMask, sample, resize)));
    const batch = collate(pictures, scale, "repeat");
    const labels = padLabels(masks, masks[0].height, masks[0].width);
    return () => ({ ...batch(), indices, labels });
  });
}

function randomWindow(picture: Picture, mask: Mask, crop: number, rng: Stream) {
  const corner = randomCorner(picture, crop, rng);
  return {
    picture: filledWindow(picture, crop, corner, 0),
    mask: filledWindow(mask, crop, corner, VOID),
  };
}

function mirrored({ picture, mask }: { picture: Picture; mask: Mask }) {
  return { picture: flipPicture(picture), mask: flipMask(mask) };
}

/** @returns [B, H, W] each mask in the top left corner, the rest void */
function padLabels(masks: readonly Mask[], H: number, W: number): Uint8Array {
  const labels = new Uint8Array(masks.length * H * W).fill(VOID);
  masks.forEach(({ width, height, data }, b) => {
    for (let y = 0; y < height; y++) {
      labels.set(data.subarray(y * width, (y + 1) * width), (b * H + y) * W);
    }
  });
  return labels;
}
