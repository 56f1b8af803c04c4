/**
 * Pictures to train super-resolution on.
 *
 * @module
 */
import { readDetectionDataset } from "./detection_dataset.ts";
import { exists } from "./formats/folders.ts";
import {
  detectionBatches,
  type ImageBatch,
  imageBatches,
  listImages,
  type Place,
  type TrainOptions,
} from "./loader.ts";
import { pictureCache, type PictureReader } from "./picture_cache.ts";

/** Pictures of a folder. */
export interface PictureSet {
  /** How many there are. */
  images: number;
  /** All batches have one shape. */
  uniform: boolean;
  /** Endless. */
  batches(
    options: Omit<TrainOptions, "read"> & { flip: number },
  ): AsyncIterable<ImageBatch & Place>;
}

/**
 * Opens a folder of kind "images", or a detection dataset, whose pictures are then batched as
 * detection batches them: by aspect ratio.
 *
 * @param crop side of random windows, pixels; null: whole pictures
 */
export async function openPictures(folder: string, crop: number | null): Promise<PictureSet> {
  const read = pictureCache();
  if (crop === null && await exists(`${folder}/annotations.json`)) {
    const dataset = await readDetectionDataset(folder);
    return {
      images: dataset.samples.length,
      uniform: sameSize(dataset.samples),
      batches: (options) => detectionBatches(dataset, { ...options, read }),
    };
  }
  const files = await listImages(folder);
  return {
    images: files.length,
    uniform: crop !== null || await allOfOneSize(files, read),
    batches: (options) =>
      imageBatches(files, { ...options, read, ...crop === null ? {} : { crop } }),
  };
}

/** Whether all have the first one's width and height. */
export function sameSize(sizes: readonly { width: number; height: number }[]): boolean {
  return sizes.every(({ width, height }) => width === sizes[0].width && height === sizes[0].height);
}

/** Reads until two differ. */
async function allOfOneSize(files: readonly string[], read: PictureReader): Promise<boolean> {
  const first = await read(files[0]);
  for (const file of files) {
    if (!sameSize([first, await read(file)])) return false;
  }
  return true;
}
