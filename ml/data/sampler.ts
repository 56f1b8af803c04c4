/**
 * The order in which an epoch visits the images, in batches.
 *
 * Equal arguments give equal batches: nothing is remembered from one epoch to the next, so a
 * resumed run sees what an uninterrupted one would have seen.
 *
 * @module
 */
import { stream } from "../tensor/random.ts";
import { type Extent, sameSize } from "./extent.ts";

/** Bounds between the groups: 2 to the powers of -1, -2/3, … 1. */
const ASPECT_BOUNDS = Array.from({ length: 7 }, (_, i) => 2 ** ((i - 3) / 3));

/** Which of the 8 groups an image is in: the number of bounds not above width / height. */
export function aspectGroup(width: number, height: number): number {
  return ASPECT_BOUNDS.filter((bound) => bound <= width / height).length;
}

/** Options of an epoch's order. */
export interface OrderOptions {
  batchSize: number;
  seed: number;
  /** From 1. */
  epoch: number;
}

/**
 * Batches of images with similar aspect ratio: floor(n / batchSize) of them, all full.
 *
 * The shuffled images are collected per group and a batch leaves when it is full. Where that gives
 * too few, the fullest unfinished ones are completed with images their group has already shown in
 * this epoch. Source: torchvision's `GroupedBatchSampler` and `create_aspect_ratio_groups(k=3)`.
 */
export function groupedBatches(
  sizes: readonly Extent[],
  { batchSize, seed, epoch }: OrderOptions,
): Int32Array[] {
  const waiting = new Map<number, number[]>();
  const shown = new Map<number, number[]>();
  const batches: Int32Array[] = [];
  for (const index of stream(seed, "order", epoch).permutation(sizes.length)) {
    const group = aspectGroup(sizes[index].width, sizes[index].height);
    const batch = append(waiting, group, index);
    append(shown, group, index);
    if (batch.length < batchSize) continue;
    batches.push(Int32Array.from(batch));
    waiting.delete(group);
  }
  const wanted = Math.floor(sizes.length / batchSize);
  const fullest = [...waiting].sort(([, a], [, b]) => b.length - a.length);
  for (const [group, batch] of fullest) {
    if (batches.length >= wanted) break;
    const again = shown.get(group) ?? [];
    const filled = Array.from(
      { length: batchSize },
      (_, i) => i < batch.length ? batch[i] : again[(i - batch.length) % again.length],
    );
    batches.push(Int32Array.from(filled));
  }
  return batches;
}

/** Shuffled batches. The last one may be smaller, or is left out with `last: "drop"`. */
export function shuffledBatches(
  count: number,
  { batchSize, seed, epoch, last = "keep" }: OrderOptions & { last?: "keep" | "drop" },
): Int32Array[] {
  return chunks(stream(seed, "order", epoch).permutation(count), batchSize, last);
}

/** Batches in order; the last one may be smaller. */
export function sequentialBatches(count: number, batchSize: number): Int32Array[] {
  return chunks(Int32Array.from({ length: count }, (_, i) => i), batchSize, "keep");
}

/** Batches in order, each of images of one size: where the size changes, a new one begins. */
export function evenBatches(sizes: readonly Extent[], batchSize: number): Int32Array[] {
  const batches: number[][] = [];
  sizes.forEach((size, i) => {
    const last = batches.at(-1);
    const fits = last !== undefined && last.length < batchSize &&
      sameSize([sizes[last[0]], size]);
    if (fits) last.push(i);
    else batches.push([i]);
  });
  return batches.map((batch) => Int32Array.from(batch));
}

function chunks(order: Int32Array, batchSize: number, last: "keep" | "drop"): Int32Array[] {
  const count = last === "keep"
    ? Math.ceil(order.length / batchSize)
    : Math.floor(order.length / batchSize);
  return Array.from({ length: count }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize));
}

function append(lists: Map<number, number[]>, key: number, value: number): number[] {
  const list = lists.get(key) ?? [];
  list.push(value);
  lists.set(key, list);
  return list;
}
