import assert from "node:assert/strict";
import { batchesPerEpoch } from "../../../ml/data/batches.ts";
import {
  type SegmentationBatch,
  segmentationBatches,
  segmentationBatchesInOrder,
} from "../../../ml/data/segmentation_batches.ts";
import type { SegmentationDataset } from "../../../ml/data/segmentation_dataset.ts";
import type { Mask } from "../../../ml/image/mask.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { take } from "./taken.ts";

/** Every pixel of picture i is 10 · i + its column + 1, and so is its class. */
function sample(i: number, width: number, height: number) {
  const classes = Uint8Array.from({ length: width * height }, (_, p) => 10 * i + p % width + 1);
  const data = new Uint8Array(width * height * 3);
  classes.forEach((value, p) => data.fill(value, p * 3, p * 3 + 3));
  return {
    described: { file: `${i}.png`, mask: `${i}_mask.png`, width, height },
    picture: { width, height, data } satisfies Picture,
    mask: { width, height, data: classes } satisfies Mask,
  };
}

function loading(...sizes: [number, number][]) {
  const all = sizes.map(([width, height], i) => sample(i, width, height));
  const dataset: SegmentationDataset = {
    classes: ["background"],
    samples: all.map(({ described }) => described),
  };
  const read = (file: string) => Promise.resolve(all[parseInt(file)].picture);
  const readMask = (file: string) => Promise.resolve(all[parseInt(file)].mask);
  return { dataset, read, readMask };
}

const whole = { batchSize: 2, seed: 3, scale: 4, resize: null, crop: null };

/** Each image of a batch as rows of its first channel. */
function rows(
  { values, images: { shape: [B, H, W] } }: { values: number[]; images: { shape: number[] } },
) {
  return Array.from(
    { length: B },
    (_, b) =>
      Array.from(
        { length: H },
        (_, y) => Array.from({ length: W }, (_, x) => values[((b * H + y) * W + x) * 3]),
      ),
  );
}

/** Each image's labels as rows. */
function labelRows({ labels, indices }: SegmentationBatch, H: number) {
  const W = labels.length / indices.length / H;
  return Array.from(
    indices,
    (_, b) =>
      Array.from({ length: H }, (_, y) => [...labels.slice((b * H + y) * W, (b * H + y + 1) * W)]),
  );
}

Deno.test("windows of picture and mask are the same, mirrored together", async () => {
  const { dataset, read, readMask } = loading([9, 5], [9, 5], [9, 5], [9, 5]);
  const options = { ...whole, read, readMask, crop: 4 };
  const windows = new Set<string>();
  for (const batch of await take(segmentationBatches(dataset, options), 40)) {
    assert.deepEqual(batch.images.shape, [2, 4, 4, 3]);
    assert.deepEqual(batch.sizes, [[4, 4], [4, 4]]);
    assert.deepEqual(labelRows(batch, 4), rows(batch));
    for (const [b, [row]] of rows(batch).entries()) {
      windows.add(row.map((value) => value - 10 * batch.indices[b]).join());
    }
  }
  assert.equal(windows.size, 12, "six places, each of them mirrored too");
});

Deno.test("what is smaller than the window is filled up with black that does not count", async () => {
  const { dataset, read, readMask } = loading([3, 2]);
  const options = { ...whole, read, readMask, crop: 4, flip: 0 };
  const [batch] = await take(segmentationBatches(dataset, options), 1);
  assert.deepEqual(rows(batch)[0], [[1, 2, 3, 0], [1, 2, 3, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
  const none = [255, 255, 255, 255];
  assert.deepEqual(labelRows(batch, 4)[0], [[1, 2, 3, 255], [1, 2, 3, 255], none, none]);
});

Deno.test("the filling is mirrored with the picture", async () => {
  const { dataset, read, readMask } = loading([3, 4]);
  const options = { ...whole, read, readMask, crop: 4, flip: 1 };
  const [batch] = await take(segmentationBatches(dataset, options), 1);
  assert.deepEqual(rows(batch)[0][0], [0, 3, 2, 1]);
  assert.deepEqual(labelRows(batch, 4)[0][0], [255, 3, 2, 1]);
});

Deno.test("whole pictures of unequal size are padded, and their padding does not count", async () => {
  const { dataset, read, readMask } = loading([5, 3], [3, 3]);
  const options = { ...whole, read, readMask, flip: 0 };
  const [batch] = await take(segmentationBatches(dataset, options), 1);
  assert.deepEqual(batch.images.shape, [2, 4, 8, 3]);
  const wide = batch.indices.indexOf(0);
  assert.deepEqual(rows(batch)[wide][0], [1, 2, 3, 4, 5, 4, 3, 2]);
  assert.deepEqual(labelRows(batch, 4)[wide], [
    [1, 2, 3, 4, 5, 255, 255, 255],
    [1, 2, 3, 4, 5, 255, 255, 255],
    [1, 2, 3, 4, 5, 255, 255, 255],
    [255, 255, 255, 255, 255, 255, 255, 255],
  ]);
});

Deno.test("the shorter side is resized, masks without mixing classes", async () => {
  const { dataset, read, readMask } = loading([4, 2]);
  const options = { ...whole, read, readMask, resize: 4, flip: 0 };
  const [batch] = await take(segmentationBatches(dataset, options), 1);
  assert.deepEqual(rows(batch)[0][0], [1, 1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual(labelRows(batch, 4)[0][3], [1, 1, 2, 2, 3, 3, 4, 4]);
});

Deno.test("a reader may have resized its pictures already", async () => {
  const { dataset, readMask } = loading([4, 2]);
  const { read } = loading([8, 4]);
  const options = { ...whole, read, readMask, resize: 4, flip: 0 };
  const [batch] = await take(segmentationBatches(dataset, options), 1);
  assert.deepEqual(rows(batch)[0][0], [1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("evaluation repeats the border, and labels have no padding", async () => {
  const { dataset, read, readMask } = loading([5, 3], [5, 3], [5, 3]);
  const batches = await take(
    segmentationBatchesInOrder(dataset, { batchSize: 2, scale: 4, read, readMask, resize: null }),
  );
  assert.deepEqual(batches.map(({ indices }) => [...indices]), [[0, 1], [2]]);
  assert.deepEqual(batches[0].images.shape, [2, 4, 8, 3]);
  assert.deepEqual(batches[0].sizes, [[3, 5], [3, 5]]);
  assert.deepEqual(rows(batches[0])[1][3], [11, 12, 13, 14, 15, 15, 15, 15]);
  assert.deepEqual(labelRows(batches[0], 3)[1][2], [11, 12, 13, 14, 15]);
});

Deno.test("in evaluation a batch ends where the size changes", async () => {
  const { dataset, read, readMask } = loading([5, 3], [6, 3], [6, 3], [5, 3]);
  const batches = await take(
    segmentationBatchesInOrder(dataset, { batchSize: 4, scale: 1, read, readMask, resize: null }),
  );
  assert.deepEqual(batches.map(({ indices }) => [...indices]), [[0], [1, 2], [3]]);
});

Deno.test("a last smaller batch is kept, but one image alone is left out", async () => {
  const { dataset, read, readMask } = loading([4, 4], [4, 4], [4, 4], [4, 4], [4, 4]);
  const places = async (batchSize: number) =>
    (await take(segmentationBatches(dataset, { ...whole, read, readMask, batchSize }), 3))
      .map(({ indices, epoch, iteration }) => [indices.length, epoch, iteration]);
  assert.deepEqual(await places(3), [[3, 1, 0], [2, 1, 1], [3, 2, 2]]);
  assert.deepEqual(await places(4), [[4, 1, 0], [4, 2, 1], [4, 3, 2]]);
});

Deno.test("batchesPerEpoch() keeps a rest of two or more", () => {
  const counts = [1, 2, 15, 16, 17, 18, 32, 33].map((count) => batchesPerEpoch(count, 16));
  assert.deepEqual(counts, [1, 1, 1, 1, 1, 2, 2, 2]);
  assert.equal(batchesPerEpoch(7, 1), 7);
  assert.throws(() => batchesPerEpoch(0, 16), {
    name: "InputError",
    message: "Cannot train on 0 images; add images",
  });
});

Deno.test("training that goes on later sees what it would have seen", async () => {
  const { dataset, read, readMask } = loading([9, 5], [9, 5], [9, 5], [9, 5], [9, 5]);
  const options = { ...whole, read, readMask, crop: 4 };
  const plain = (batches: (SegmentationBatch & { values: number[] })[]) =>
    batches.map(({ indices, labels, values }) => ({ indices, labels, values }));
  const all = await take(segmentationBatches(dataset, options), 6);
  const rest = await take(segmentationBatches(dataset, { ...options, start: 3 }), 3);
  assert.deepEqual(plain(rest), plain(all.slice(3)));
});

Deno.test("a picture or mask of another size than the dataset says is refused", async () => {
  const { dataset, read, readMask } = loading([5, 3]);
  const other = loading([3, 5]);
  const first = (options: Partial<typeof other>) =>
    take(segmentationBatches(dataset, { ...whole, read, readMask, ...options, resize: 8 }), 1);
  await assert.rejects(first({ read: other.read }), {
    name: "InputError",
    message: "Cannot use 0.png: it is 3x5 pixels, but its annotations say 5x3",
  });
  await assert.rejects(first({ readMask: other.readMask }), {
    name: "InputError",
    message: "Cannot use 0_mask.png: it is 3x5 pixels, but its annotations say 5x3",
  });
});
