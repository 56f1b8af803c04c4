/**
 * Pictures to train super-resolution on.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
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
 *
 * @param repeat how often one pass shows each picture; of windows, how many of each
 * @throws {InputError} if there are no pictures, or whole ones are to be turned
 */
export async function openPictures(folder: string, cut: Cut, repeat = 1): Promise<PictureSet> {
  if (cut.turn && cut.crop === null) {
    throw new InputError(
      'Cannot turn whole pictures, as a batch needs equal shapes; set "crop", the side of windows',
    );
  }
  const read = pictureCache(2 ** 30, cut.resize);
  if (cut.resize === null && cut.crop === null && await exists(`${folder}/annotations.json`)) {
    const once = await readDetectionDataset(folder);
    const dataset = { ...once, samples: repeated(once.samples, repeat) };
    return {
      images: once.samples.length,
      uniform: sameSize(once.samples),
      iterationsPerEpoch: (batchSize) => fullBatches(dataset.samples.length, batchSize),
      batches: (options) => detectionBatches(dataset, { ...options, read }),
    };
  }
  const files = await listImages(folder);
  const shown = repeated(files, repeat);
  return {
    images: files.length,
    uniform: cut.crop !== null || await allOfOneSize(files, read),
    iterationsPerEpoch(batchSize) {
      if (cut.last === "drop" && shown.length < batchSize) {
        throw new InputError(
          `Cannot train on ${files.length} pictures, ${repeat} times each, in batches of ` +
            `${batchSize}: expected at least one full batch; raise "repeat" (windows of each ` +
            'picture) or lower "batch_size"',
        );
      }
      return imagesPerEpoch(shown.length, batchSize, cut.last);
    },
    batches: (options) => imageBatches(shown, { ...options, ...cut, read }),
  };
}

/** The list so many times over; an epoch shuffles it. */
function repeated<T>(list: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => list).flat();
}

/** Reads until two differ. */
async function allOfOneSize(files: readonly string[], read: PictureReader): Promise<boolean> {
  const first = await read(files[0]);
  for (const file of files) {
    if (!sameSize([first, await read(file)])) return false;
  }
  return true;
}
