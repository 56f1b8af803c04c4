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
