/**
 * From files to batches of tensors, one batch ahead of whoever computes with them.
 *
 * While a batch is being used the next one is decoded on the codec's threads. The tensors of a
 * batch belong to the consumer, who disposes of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import type { DetectionTarget, Size } from "../nn/contracts.ts";
import { type Stream, stream } from "../tensor/random.ts";
import type { DetectionDataset, DetectionSample } from "./detection_dataset.ts";
import { padBatch } from "./pad_batch.ts";
import type { PictureReader } from "./picture_cache.ts";
import { cropPicture, toUnit } from "./pixels.ts";
import { groupedBatches, sequentialBatches, shuffledBatches } from "./sampler.ts";
import { flipPicture, flipTarget } from "./transforms.ts";

/** Images of one batch. */
export interface ImageBatch {
  /** [B, H, W, 3] in [0, 1]; H and W are multiples of the scale, images in the top left corner. */
  images: tf.Tensor4D;
  /** [B] the part of each image that counts. */
  sizes: Size[];
  /** [B] positions in the dataset. */
  indices: Int32Array;
}

/** Images of one batch with their objects. */
export interface DetectionBatch extends ImageBatch {
  /** [B] boxes in pixels of the images as they are in the batch. */
  targets: DetectionTarget[];
}

/** Where in the course of training a batch stands. */
export interface Place {
  /** From 1. */
  epoch: number;
  /** From 0, counted over all epochs. */
  iteration: number;
}

/** What training loaders share. */
export interface TrainOptions {
  batchSize: number;
  seed: number;
  /** Up-scaling factor: heights and widths are padded to a multiple of it. */
  scale: number;
  read: PictureReader;
  /** Iterations to skip, to go on from a checkpoint. */
  start?: number;
}

/** Iterations of one epoch of detection training: only full batches count. */
export function iterationsPerEpoch(count: number, batchSize: number): number {
  const iterations = Math.floor(count / batchSize);
  if (iterations > 0) return iterations;
  throw new InputError(
    `Cannot train on ${count} images in batches of ${batchSize}: ` +
      "expected at least one full batch; lower the batch size or add images",
  );
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
  const N = iterationsPerEpoch(samples.length, batchSize);
  const epochs = (epoch: number) => groupedBatches(samples, { batchSize, seed, epoch });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const rng = stream(seed, "flip", place.iteration);
    const chosen = [...indices].map((i) => ({ sample: samples[i], mirror: rng.uniform() < flip }));
    const items = await Promise.all(
      chosen.map(async ({ sample, mirror }) => mirrored(sample, await load(read, sample), mirror)),
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
    const batch = collate(await Promise.all(chosen.map((sample) => load(read, sample))), scale);
    const targets = chosen.map(({ boxes, labels }) => ({ boxes, labels }));
    return () => ({ ...batch(), indices, targets });
  });
}

/**
 * Endless shuffled training batches of plain images: random windows of `crop` pixels, or whole
 * images. Epochs are cut to full batches, so that every batch has the same shape where crops do.
 */
export async function* imageBatches(
  files: readonly string[],
  options: TrainOptions & { crop?: number; flip?: number },
): AsyncGenerator<ImageBatch & Place> {
  const { batchSize, seed, scale, read, start = 0, crop, flip = 0 } = options;
  const N = iterationsPerEpoch(files.length, batchSize);
  const epochs = (epoch: number) =>
    shuffledBatches(files.length, { batchSize, seed, epoch, last: "drop" });
  yield* ahead(courses(epochs, N, start), async ({ indices, place }) => {
    const rngs = [...indices].map((_, i) => stream(seed, "crop", place.iteration, i));
    const pictures = await Promise.all([...indices].map(async (index, i) => {
      const whole = await read(files[index]);
      const window = crop === undefined ? whole : randomCrop(whole, crop, rngs[i], files[index]);
      return rngs[i].uniform() < flip ? flipPicture(window) : window;
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

/** The iterations of all epochs from `start` on. */
function* courses(
  batchesOf: (epoch: number) => Int32Array[],
  perEpoch: number,
  start: number,
): Generator<{ indices: Int32Array; place: Place }> {
  let batches: Int32Array[] = [];
  for (let iteration = start;; iteration++) {
    const epoch = Math.floor(iteration / perEpoch) + 1;
    if (iteration === start || iteration % perEpoch === 0) batches = batchesOf(epoch);
    yield { indices: batches[iteration % perEpoch], place: { epoch, iteration } };
  }
}

/** Prepares item i + 1 while item i is being used; tensors are only made when they are asked for. */
async function* ahead<T, B>(
  items: Iterable<T>,
  prepare: (item: T) => Promise<() => B>,
): AsyncGenerator<B> {
  let next: Promise<() => B> | undefined;
  for (const item of items) {
    const current = next;
    next = prepare(item);
    // Whoever stops early never asks for it: its failure must not become an unhandled one.
    next.catch(() => {});
    if (current !== undefined) yield (await current)();
  }
  if (next !== undefined) yield (await next)();
}

async function load(read: PictureReader, { file, width, height }: DetectionSample) {
  const picture = await read(file);
  if (picture.width === width && picture.height === height) return picture;
  throw new InputError(
    `Cannot use ${file}: it is ${picture.width}x${picture.height} pixels, ` +
      `but its annotations say ${width}x${height}`,
  );
}

function mirrored(target: DetectionTarget, picture: Picture, mirror: boolean) {
  const { boxes, labels } = target;
  return mirror
    ? { picture: flipPicture(picture), target: flipTarget(target, picture.width) }
    : { picture, target: { boxes, labels } };
}

function randomCrop(picture: Picture, size: number, rng: Stream, file: string): Picture {
  const { width, height } = picture;
  if (width < size || height < size) {
    throw new InputError(
      `Cannot cut ${size}x${size} pixels out of ${file}: it is ${width}x${height}; ` +
        "lower the crop size or remove the picture",
    );
  }
  const x = rng.integer(width - size + 1);
  const y = rng.integer(height - size + 1);
  return cropPicture(picture, x, y, size, size);
}

function collate(pictures: readonly Picture[], scale: number): () => Omit<ImageBatch, "indices"> {
  const { data, size: [H, W] } = padBatch(pictures, scale, (length) => new Uint8Array(length));
  const values = toUnit(data);
  return () => ({
    images: tf.tensor4d(values, [pictures.length, H, W, 3], "float32"),
    sizes: pictures.map(({ height, width }) => [height, width] as const),
  });
}
