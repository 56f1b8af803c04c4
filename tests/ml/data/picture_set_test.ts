import assert from "node:assert/strict";
import { openPictures } from "../../../ml/data/picture_set.ts";
import { writeAnnotations } from "../../../ml/data/detection_dataset.ts";
import { encodePng } from "../../../ml/image/codec.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import { testBackend } from "../../helpers/backend.ts";
import { temporaryFolder, writeFiles } from "./temporary_folder.ts";

/** Wide, tall, wide, tall. */
const SIZES = [[40, 20], [20, 40], [40, 20], [20, 40]];

async function folder(path: string, annotated: boolean): Promise<void> {
  await Deno.mkdir(`${path}/images`, { recursive: true });
  const images = SIZES.map(([width, height], id) => ({
    id,
    file_name: `${id}.png`,
    width,
    height,
  }));
  for (const { file_name, width, height } of images) {
    await encodePng(blankPicture(width, height), `${path}/images/${file_name}`);
  }
  if (annotated) await writeAnnotations(path, { images, categories: [], annotations: [] });
}

async function firstShapes(path: string, crop: number | null): Promise<number[][]> {
  await testBackend();
  const pictures = await openPictures(path, { resize: null, crop, last: "drop" });
  const shapes: number[][] = [];
  const options = { batchSize: 2, seed: 1, scale: 4, start: 0, flip: 0 };
  for await (const { images } of pictures.batches(options)) {
    shapes.push(images.shape.slice(1, 3));
    images.dispose();
    if (shapes.length === 4) break;
  }
  return shapes;
}

Deno.test("pictures of a detection dataset are batched by aspect ratio", async () => {
  await using dir = await temporaryFolder();
  await folder(dir.path, true);
  const pictures = await openPictures(dir.path, { resize: null, crop: null, last: "drop" });
  assert.deepEqual([pictures.images, pictures.uniform], [4, false]);
  const shapes = await firstShapes(dir.path, null);
  assert.deepEqual(shapes.map(([h, w]) => h * w), [800, 800, 800, 800]); // never padded to 40x40
});

Deno.test("windows cut from pictures of any size have one shape", async () => {
  await using dir = await temporaryFolder();
  await folder(dir.path, false);
  assert.equal(
    (await openPictures(dir.path, { resize: null, crop: null, last: "drop" })).uniform,
    false,
  );
  assert.equal(
    (await openPictures(dir.path, { resize: null, crop: 16, last: "drop" })).uniform,
    true,
  );
  assert.deepEqual(await firstShapes(dir.path, 16), Array(4).fill([16, 16]));
});

Deno.test("pictures of any task's dataset are taken, its masks are not", async () => {
  await using dir = await temporaryFolder();
  await folder(dir.path, false);
  await writeFiles(dir.path, { "masks/0.png": "", "samples.json": "{}" });
  const pictures = await openPictures(dir.path, { resize: 10, crop: 8, last: "keep" });
  assert.deepEqual([pictures.images, pictures.uniform], [4, true]);
  assert.equal(pictures.iterationsPerEpoch(3), 2);
});

Deno.test("a pass may show each picture several times, with a window of its own each time", async () => {
  await testBackend();
  await using dir = await temporaryFolder();
  const gradient = blankPicture(40, 40);
  for (let i = 0; i < 1600; i++) gradient.data.set([i % 40, Math.floor(i / 40), 0], 3 * i);
  await Deno.mkdir(`${dir.path}/images`);
  await encodePng(gradient, `${dir.path}/images/0.png`);
  const pictures = await openPictures(
    dir.path,
    { resize: null, crop: 8, last: "drop" },
    12,
  );
  assert.deepEqual([pictures.images, pictures.iterationsPerEpoch(4)], [1, 3]);

  const corners = new Set<string>();
  const places: number[][] = [];
  const options = { batchSize: 4, seed: 1, scale: 2, start: 0, flip: 0 };
  for await (const { images, epoch, iteration } of pictures.batches(options)) {
    places.push([epoch, iteration]);
    const values = await images.data();
    for (let b = 0; b < 4; b++) {
      const [x, y] = values.slice(b * 8 * 8 * 3).map((value) => Math.round(255 * value));
      corners.add(`${x},${y}`);
    }
    images.dispose();
    if (places.length === 6) break;
  }
  assert.deepEqual(places, [[1, 0], [1, 1], [1, 2], [2, 3], [2, 4], [2, 5]]);
  assert.equal(corners.size, 24, "the second epoch has other windows than the first");
});

Deno.test("whole pictures are repeated too, those of a detection dataset as any others", async () => {
  for (const annotated of [false, true]) {
    await using dir = await temporaryFolder();
    await folder(dir.path, annotated);
    const pictures = await openPictures(dir.path, { resize: null, crop: null, last: "drop" }, 3);
    assert.deepEqual([pictures.images, pictures.iterationsPerEpoch(4)], [4, 3]);
  }
});

Deno.test("too few pictures for a batch are refused with what to do", async () => {
  await using dir = await temporaryFolder();
  await folder(dir.path, false);
  const pictures = await openPictures(dir.path, { resize: null, crop: 8, last: "drop" }, 2);
  assert.equal(pictures.iterationsPerEpoch(8), 1);
  assert.throws(() => pictures.iterationsPerEpoch(9), {
    name: "InputError",
    message: "Cannot train on 4 pictures, 2 times each, in batches of 9: expected at least one " +
      'full batch; raise "repeat" (windows of each picture) or lower "batch_size"',
  });
});

Deno.test("windows are turned by each right angle, and whole pictures by none", async () => {
  await testBackend();
  await using dir = await temporaryFolder();
  const corner = blankPicture(8, 8);
  corner.data.fill(255, 0, 3); // white at the top left
  await Deno.mkdir(`${dir.path}/images`);
  await encodePng(corner, `${dir.path}/images/0.png`);
  const cut = { resize: null, last: "drop", turn: true } as const;
  const pictures = await openPictures(dir.path, { ...cut, crop: 8 }, 32);
  const options = { batchSize: 32, seed: 1, scale: 2, start: 0, flip: 0 };
  const seen = new Set<number>();
  for await (const { images } of pictures.batches(options)) {
    const values = await images.data();
    for (let b = 0; b < 32; b++) seen.add(values.slice(b * 192, (b + 1) * 192).indexOf(1) / 3);
    images.dispose();
    break;
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), [0, 7, 56, 63]);

  await assert.rejects(openPictures(dir.path, { ...cut, crop: null }), {
    name: "InputError",
    message:
      'Cannot turn whole pictures, as a batch needs equal shapes; set "crop", the side of windows',
  });
});
