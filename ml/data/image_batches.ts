/**
 * Batches of pictures without labels.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { resizeShortSide } from "../image/pillow_resize.ts";
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
import { shuffledBatches } from "./sampler.ts";
import { flipPicture } from "./transforms.ts";
import { turnPicture } from "./turn_picture.ts";
import { cropWindow, randomCorner } from "./windows.ts";

/** What of each picture is shown, and what becomes of an epoch's last batch. */
export interface Cut {
  /** First resized to so many pixels on the shorter side; as they are if null. */
  resize: number | null;
  /** Side of random windows, pixels; whole pictures if null. */
  crop: number | null;
  /** Whether a smaller last batch is trained on. */
  last: "keep" | "drop";
  /** Windows are also turned by 0, 90, 180 or 270 degrees, equally likely. */
  turn?: boolean;
}

/** Iterations in one pass over `count` pictures. */
export function imagesPerEpoch(count: number, batchSize: number, last: Cut["last"]): number {
  return last === "keep" ? Math.ceil(count / batchSize) : fullBatches(count, batchSize);
}

/** Endless shuffled training batches of plain images. */
export async function* imageBatches(
  files: readonly string[],
  options: TrainOptions & Cut & { flip?: number },
): AsyncGenerator<ImageBatch & Place> {
  const { batchSize, seed, scale, read, start = 0, resize, crop, last, flip = 0, turn } = options;
  const N = imagesPerEpoch(files.length, batchSize, last);
  const epochs = (epoch: number) => shuffledBatches(files.length, { batchSize, seed, epoch, last });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const rngs = [...indices].map((_, i) => stream(seed, "crop", place.iteration, i));
    const pictures = await Promise.all([...indices].map(async (index, i) => {
      const file = files[index];
      const whole = await read(file);
      const resized = resize === null ? whole : resizeShortSide(whole, resize);
      const window = crop === null
        ? resized
        : cropWindow(resized, crop, randomCorner(resized, crop, rngs[i]), file);
      const mirrored = rngs[i].uniform() < flip ? flipPicture(window) : window;
      return turn ? turnPicture(mirrored, rngs[i].integer(4)) : mirrored;
    }));
    const batch = collate(pictures, scale);
    return () => ({ ...batch(), indices, ...place });
  });
}

/**
 * The pictures of a folder of kind "images" (a detection dataset is one), sorted by name.
 *
 * @throws {InputError} if there are none
 */
export async function listImages(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/images`)) {
    if (!isDirectory && !name.startsWith(".")) names.push(name);
  }
  if (names.length === 0) throw new InputError(`Cannot use ${folder}: images/ is empty`);
  return names.sort().map((name) => `${folder}/images/${name}`);
}
