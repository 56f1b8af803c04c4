import assert from "node:assert/strict";
import {
  classificationBatches,
  classificationBatchesInOrder,
} from "../../../ml/data/classification_batches.ts";
import type { ClassificationDataset } from "../../../ml/data/classification_dataset.ts";
import { centreCorner } from "../../../ml/data/windows.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { take } from "./taken.ts";

/** Pictures are 9x5; a pixel of picture i is 20 · i + its column, its class is i mod 3. */
const pictures: Picture[] = Array.from({ length: 5 }, (_, i) => ({
  width: 9,
  height: 5,
  data: Uint8Array.from({ length: 9 * 5 * 3 }, (_, v) => 20 * i + Math.floor(v / 3) % 9),
}));
const dataset: ClassificationDataset = {
  classes: ["a", "b", "c"],
  samples: pictures.map(({ width, height }, i) => ({
    file: `${i}.png`,
    label: i % 3,
    width,
    height,
  })),
};
const read = (file: string) => Promise.resolve(pictures[parseInt(file)]);
const options = { batchSize: 2, seed: 3, scale: 1, read, resize: null, crop: 4 };

const firstRows = ({ values, indices }: { values: number[]; indices: Int32Array }, width = 4) =>
  Array.from(indices, (_, b) => {
    const size = values.length / indices.length;
    return values.slice(b * size, (b + 1) * size).filter((_, i) => i % 3 === 0).slice(0, width);
  });

Deno.test("training shows random windows, now and then mirrored, with their classes", async () => {
  const windows = new Set<string>();
  for (const batch of await take(classificationBatches(dataset, options), 80)) {
    assert.deepEqual(batch.images.shape, [2, 4, 4, 3]);
    assert.deepEqual([...batch.labels], [...batch.indices].map((i) => i % 3));
    for (const [b, row] of firstRows(batch).entries()) {
      windows.add(row.map((value) => value - 20 * batch.indices[b]).join());
    }
  }
  assert.equal(windows.size, 12, "six places, each of them mirrored too");
});

Deno.test("an epoch keeps its last smaller batch unless it is one image", async () => {
  const places = async (batchSize: number) =>
    (await take(classificationBatches(dataset, { ...options, batchSize }), 3))
      .map(({ indices, epoch, iteration }) => [indices.length, epoch, iteration]);
  assert.deepEqual(await places(3), [[3, 1, 0], [2, 1, 1], [3, 2, 2]]);
  assert.deepEqual(await places(2), [[2, 1, 0], [2, 1, 1], [2, 2, 2]]);
});

Deno.test("evaluation shows the middle of all images, in order", async () => {
  const batches = await take(classificationBatchesInOrder(dataset, options));
  assert.deepEqual(batches.map(({ indices }) => [...indices]), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(batches.map(({ labels }) => [...labels]), [[0, 1], [2, 0], [1]]);
  assert.deepEqual(firstRows(batches[0]), [[2, 3, 4, 5], [22, 23, 24, 25]]);
});

Deno.test("evaluation resizes before it cuts", async () => {
  const [batch] = await take(
    classificationBatchesInOrder(dataset, { ...options, resize: 10, crop: 8 }),
    1,
  );
  // 18 wide now: each column twice as wide, mixed at the borders
  assert.deepEqual(firstRows(batch, 8)[0], [2, 3, 3, 4, 4, 5, 5, 6]);
});

Deno.test("whole pictures are padded to a multiple of the scale", async () => {
  const [batch] = await take(
    classificationBatchesInOrder(dataset, { ...options, scale: 4, crop: null }),
    1,
  );
  assert.deepEqual(batch.images.shape, [2, 8, 12, 3]);
  assert.deepEqual(batch.sizes, [[5, 9], [5, 9]]);
});

Deno.test("centreCorner() rounds half pixels to the even side, as the reference does", () => {
  const xs = [256, 257, 258, 259, 260, 261].map((width) =>
    centreCorner({ width, height: 256 }, 224).x
  );
  assert.deepEqual(xs, [16, 16, 17, 18, 18, 18]);
});

Deno.test("pictures that do not fit are refused by name", async () => {
  await assert.rejects(take(classificationBatches(dataset, { ...options, crop: 6 }), 1), {
    name: "InputError",
    message:
      /^Cannot cut 6x6 pixels out of \d\.png: it is 9x5; lower the crop size or remove the picture$/,
  });
  const other = {
    ...options,
    read: () => Promise.resolve({ ...pictures[0], width: 5, height: 9 }),
  };
  await assert.rejects(take(classificationBatchesInOrder(dataset, other)), {
    name: "InputError",
    message: "Cannot use 0.png: it is 5x9 pixels, but its annotations say 9x5",
  });
});
