/**
 * Pictures to train super-resolution on.
 *
 * @module
 */
import { readDetectionDataset } from "./detection_dataset.ts";
import { fullBatches, type ImageBatch, type Place, type TrainOptions } from "./batches.ts";
import { detectionBatches } from "./detection_batches.ts";
import { sameSize } from "./extent.ts";
import { exists } from "./formats/folders.ts";
import { type Cut, imageBatches, imagesPerEpoch, listImages } from "./image_batches.ts";
import { pictureCache, type PictureReader } from "./picture_cache.ts";

/** Pictures of a folder. */
export interface PictureSet {
  /** How many there are. */
  images: number;
  /** All batches have one shape. */
  uniform: boolean;
  /** Iterations of one pass. */
  iterationsPerEpoch(batchSize: number): number;
  /** Endless. */
  batches(
    options: Omit<TrainOptions, "read"> & { flip: number },
  ): AsyncIterable<ImageBatch & Place>;
}

/**
 * Opens a folder of kind "images", as any dataset is. Whole pictures of a detection dataset are
 * batched as detection batches them: by aspect ratio.
 */
export async function openPictures(folder: string, cut: Cut): Promise<PictureSet> {
  const read = pictureCache(2 ** 30, cut.resize);
  if (cut.resize === null && cut.crop === null && await exists(`${folder}/annotations.json`)) {
    const dataset = await readDetectionDataset(folder);
    return {
      images: dataset.samples.length,
      uniform: sameSize(dataset.samples),
      iterationsPerEpoch: (batchSize) => fullBatches(dataset.samples.length, batchSize),
      batches: (options) => detectionBatches(dataset, { ...options, read }),
    };
  }
  const files = await listImages(folder);
  return {
    images: files.length,
    uniform: cut.crop !== null || await allOfOneSize(files, read),
    iterationsPerEpoch: (batchSize) => imagesPerEpoch(files.length, batchSize, cut.last),
    batches: (options) => imageBatches(files, { ...options, ...cut, read }),
  };
}

/** Reads until two differ. */
async function allOfOneSize(files: readonly string[], read: PictureReader): Promise<boolean> {
  const first = await read(files[0]);
  for (const file of files) {
    if (!sameSize([first, await read(file)])) return false;
  }
  return true;
}
