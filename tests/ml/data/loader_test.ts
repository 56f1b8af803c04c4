import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { DetectionDataset } from "../../../ml/data/detection_dataset.ts";
import { detectionBatches, detectionBatchesInOrder } from "../../../ml/data/detection_batches.ts";
import { imageBatches, listImages } from "../../../ml/data/image_batches.ts";
import { pictureCache } from "../../../ml/data/picture_cache.ts";
import { encodePng } from "../../../ml/image/codec.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { take } from "./taken.ts";
import { temporaryFolder, writeFiles } from "./temporary_folder.ts";

/** Pictures are 5x3; the left half of picture i has the value i + 1, the rest is black. */
const pictures: Record<string, Picture> = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => {
    const data = new Uint8Array(5 * 3 * 3);
    for (let p = 0; p < 15; p++) if (p % 5 < 2) data.fill(i + 1, p * 3, p * 3 + 3);
    return [`${i}.png`, { width: 5, height: 3, data }];
  }),
);
const dataset: DetectionDataset = {
  classes: ["background", "a"],
  categoryIds: [0, 1],
  samples: Object.keys(pictures).map((file, i) => ({
    id: i,
    file,
    width: 5,
    height: 3,
    boxes: new Float32Array([0, 0, 2, 3]),
    labels: new Int32Array([1]),
  })),
  groundTruth: { images: [], categories: [], annotations: [] },
};
const read = (file: string) => Promise.resolve(pictures[file]);
const options = { batchSize: 4, seed: 3, scale: 4, read };
const plainly = { ...options, resize: null, crop: null, last: "drop" } as const;

Deno.test("a training batch is padded, and its boxes lie where the mirrored picture is", async () => {
  let mirrored = 0;
  for (const batch of await take(detectionBatches(dataset, options), 10)) {
    assert.deepEqual(batch.images.shape, [4, 4, 8, 3]);
    assert.deepEqual(batch.sizes, Array(4).fill([3, 5]));
    batch.targets.forEach(({ boxes, labels }, b) => {
      assert.deepEqual([...labels], [1]);
      const row = batch.values.slice(b * 4 * 8 * 3).filter((_, i) => i % 3 === 0).slice(0, 5);
      const value = batch.indices[b] + 1;
      const inside = row.map((v, x) => x >= boxes[0] && x < boxes[2] ? v === value : v === 0);
      assert.ok(inside.every(Boolean), `${row} in ${boxes}`);
      if (boxes[0] > 0) mirrored++;
    });
  }
  assert.ok(mirrored > 8 && mirrored < 32, `${mirrored} of 40 are mirrored`);
});

Deno.test("training batches count epochs and iterations", async () => {
  const places = (await take(detectionBatches(dataset, options), 5))
    .map(({ epoch, iteration }) => [epoch, iteration]);
  assert.deepEqual(places, [[1, 0], [1, 1], [2, 2], [2, 3], [3, 4]]);
});

Deno.test("training that goes on later sees what it would have seen", async () => {
  const whole = await take(detectionBatches(dataset, options), 6);
  const rest = await take(detectionBatches(dataset, { ...options, start: 3 }), 3);
  const plain = (batches: typeof whole) =>
    batches.map(({ indices, values, targets, iteration }) => ({
      indices,
      values,
      targets,
      iteration,
    }));
  assert.deepEqual(plain(rest), plain(whole.slice(3)));
});

Deno.test("evaluation goes through all images once, in order, as they are", async () => {
  const batches = await take(
    detectionBatchesInOrder(dataset, { ...options, batchSize: 3 }),
    Infinity,
  );
  assert.deepEqual(batches.map(({ indices }) => [...indices]), [[0, 1, 2], [3, 4, 5], [6, 7]]);
  assert.deepEqual([...batches[2].targets[1].boxes], [0, 0, 2, 3]);
});

Deno.test("plain images come whole or as random windows", async () => {
  const files = Object.keys(pictures);
  const [whole] = await take(imageBatches(files, plainly), 1);
  assert.deepEqual(whole.images.shape, [4, 4, 8, 3]);
  const crops = await take(imageBatches(files, { ...plainly, scale: 1, crop: 2 }), 20);
  assert.deepEqual(crops[0].images.shape, [4, 2, 2, 3]);
  const rows = crops.flatMap(({ values }) => [values[0] > 0, values[3] > 0].join());
  assert.deepEqual([...new Set(rows)].sort(), ["false,false", "true,false", "true,true"]);
});

Deno.test("a batch larger than the dataset is refused", async () => {
  await assert.rejects(take(detectionBatches(dataset, { ...options, batchSize: 9 }), 1), {
    name: "InputError",
    message: "Cannot train on 8 images in batches of 9: expected at least one full batch; " +
      "lower the batch size or add images",
  });
});

Deno.test("a picture of another size than its annotations say is refused", async () => {
  const other = {
    ...options,
    read: () => Promise.resolve({ ...pictures["0.png"], width: 3, height: 5 }),
  };
  await assert.rejects(take(detectionBatches(dataset, other), 1), {
    name: "InputError",
    message: /^Cannot use \d\.png: it is 3x5 pixels, but its annotations say 5x3$/,
  });
});

Deno.test("a picture smaller than the window is refused", async () => {
  await assert.rejects(take(imageBatches(["0.png"], { ...plainly, batchSize: 1, crop: 4 }), 1), {
    name: "InputError",
    message: "Cannot cut 4x4 pixels out of 0.png: it is 5x3; " +
      "lower the crop size or remove the picture",
  });
});

Deno.test("the next batch is being read while one is used", async () => {
  const asked: string[] = [];
  const spied = (file: string) => (asked.push(file), read(file));
  await tf.setBackend("wasm");
  const batches = detectionBatches(dataset, { ...options, read: spied });
  const first = await batches.next();
  assert.equal(asked.length, 8);
  if (!first.done) first.value.images.dispose();
  await batches.return(undefined);
});

Deno.test("pictureCache() decodes once what fits into its budget", async () => {
  await using dir = await temporaryFolder();
  await encodePng(pictures["0.png"], `${dir.path}/0.png`);
  await encodePng(pictures["1.png"], `${dir.path}/1.png`);
  const cached = pictureCache(60); // one picture has 45 bytes
  const first = await cached(`${dir.path}/0.png`);
  const second = await cached(`${dir.path}/1.png`);
  assert.deepEqual(first, pictures["0.png"]);
  assert.equal(await cached(`${dir.path}/0.png`), first);
  assert.notEqual(await cached(`${dir.path}/1.png`), second);
});

Deno.test("pictureCache() keeps pictures resized, if it is told to", async () => {
  await using dir = await temporaryFolder();
  await encodePng(pictures["0.png"], `${dir.path}/0.png`);
  const cached = pictureCache(1000, 6);
  const picture = await cached(`${dir.path}/0.png`);
  assert.deepEqual([picture.width, picture.height], [10, 6]);
  assert.equal(await cached(`${dir.path}/0.png`), picture);
});

Deno.test("listImages() sorts by name and refuses an empty folder", async () => {
  await using dir = await temporaryFolder();
  await writeFiles(dir.path, { "images/b.png": "", "images/a.jpg": "", "images/.hidden": "" });
  assert.deepEqual(
    await listImages(dir.path),
    [`${dir.path}/images/a.jpg`, `${dir.path}/images/b.png`],
  );
  await writeFiles(dir.path, { "empty/images/.hidden": "" });
  await assert.rejects(listImages(`${dir.path}/empty`), {
    name: "InputError",
    message: `Cannot use ${dir.path}/empty: images/ is empty`,
  });
});
