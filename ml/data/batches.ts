/**
 * What all loaders share: batches in the order of an epoch, one ahead of whoever computes with them.
 *
 * While a batch is being used the next one is decoded on the codec's threads. The tensors of a
 * batch belong to the consumer, who disposes of them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import type { Size } from "../nn/contracts.ts";
import { padBatch, type Padding } from "./pad_batch.ts";
import type { PictureReader } from "./picture_cache.ts";
import { toUnit } from "./pixels.ts";

/** Images of one batch. */
export interface ImageBatch {
  /** [B, H, W, 3] in [0, 1]; H and W are multiples of the scale, images in the top left corner. */
  images: tf.Tensor4D;
  /** [B] the part of each image that counts. */
  sizes: Size[];
  /** [B] positions in the dataset. */
  indices: Int32Array;
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

/** Full batches in one pass over `count` images. */
export function fullBatches(count: number, batchSize: number): number {
  const iterations = Math.floor(count / batchSize);
  if (iterations > 0) return iterations;
  throw new InputError(
    `Cannot train on ${count} images in batches of ${batchSize}: ` +
      "expected at least one full batch; lower the batch size or add images",
  );
}

/**
 * Batches in one pass over `count` images whose last batch may be smaller. One image that is left
 * over is left out: batch statistics need two.
 */
export function batchesPerEpoch(count: number, batchSize: number): number {
  if (count === 0) throw new InputError("Cannot train on 0 images; add images");
  const full = Math.floor(count / batchSize);
  const rest = count % batchSize;
  return full + (rest > 1 || full === 0 ? 1 : 0);
}

/** The iterations of all epochs from `start` on. */
export function* courses(
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
export async function* ahead<T, B>(
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

/** Pictures to one tensor, padded to a common size; made when it is asked for. */
export function collate(
  pictures: readonly Picture[],
  scale: number,
  padding: Padding = "mirror",
): () => Omit<ImageBatch, "indices"> {
  const { data, size: [H, W] } = padBatch(
    pictures,
    scale,
    (length) => new Uint8Array(length),
    { padding },
  );
  const values = toUnit(data);
  return () => ({
    images: tf.tensor4d(values, [pictures.length, H, W, 3], "float32"),
    sizes: pictures.map(({ height, width }) => [height, width] as const),
  });
}
