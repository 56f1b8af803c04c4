import assert from "node:assert/strict";
import { readDetectionDataset, writeAnnotations } from "../../../ml/data/detection_dataset.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const image = (id: number | string, file_name = `${id}.png`) => ({
  id,
  file_name,
  width: 20,
  height: 10,
});
const object = (id: number, image_id: number | string, more: Record<string, unknown> = {}) => ({
  id,
  image_id,
  category_id: 7,
  bbox: [1, 2, 3, 4],
  area: 12,
  iscrowd: 0,
  ...more,
});
const categories = [{ id: 7, name: "dog" }, { id: 3, name: "cat" }];

async function read(json: unknown) {
  await using dir = await temporaryFolder();
  await Deno.writeTextFile(`${dir.path}/annotations.json`, JSON.stringify(json));
  return await readDetectionDataset(dir.path);
}

async function fault(json: unknown): Promise<string> {
  try {
    await read(json);
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "InputError");
    return error.message.replace(/\/\S*annotations\.json/, "FILE");
  }
  assert.fail("expected a refusal");
}

Deno.test("classes come in rising order of their ids, after the background", async () => {
  const dataset = await read({ images: [image(1)], categories, annotations: [object(1, 1)] });
  assert.deepEqual(dataset.classes, ["background", "cat", "dog"]);
  assert.deepEqual(dataset.categoryIds, [0, 3, 7]);
  assert.deepEqual([...dataset.samples[0].labels], [2]);
});

Deno.test("boxes become corners, clamped to the image, and empty ones go", async () => {
  const { samples, groundTruth } = await read({
    images: [image(1)],
    categories,
    annotations: [
      object(1, 1, { bbox: [-2, -1, 5, 30] }),
      object(2, 1, { bbox: [4, 4, 0, 2] }),
      object(3, 1, { bbox: [25, 1, 5, 5], category_id: 3 }),
      object(4, 1, { bbox: [18.5, 9, 9, 9], category_id: 3 }),
    ],
  });
  assert.deepEqual([...samples[0].boxes], [0, 0, 3, 10, 18.5, 9, 20, 10]);
  assert.deepEqual([...samples[0].labels], [2, 1]);
  assert.equal(groundTruth.annotations.length, 4, "evaluation sees them all");
});

Deno.test("crowds stay out of training but are there for evaluation", async () => {
  const { samples, groundTruth } = await read({
    images: [image(1)],
    categories,
    annotations: [object(1, 1, { iscrowd: 1, segmentation: { counts: [1], size: [10, 20] } })],
  });
  assert.equal(samples[0].labels.length, 0);
  assert.deepEqual(groundTruth.annotations[0].segmentation, { counts: [1], size: [10, 20] });
});

Deno.test("images without objects stay, in the order of their ids", async () => {
  const { samples } = await read({
    images: [image(10), image(9), image(100)],
    categories,
    annotations: [],
  });
  assert.deepEqual(samples.map(({ id }) => id), [9, 10, 100]);
  const texts = await read({
    images: [image("2008_10"), image("2008_9"), image("2007_99")],
    categories,
    annotations: [],
  });
  assert.deepEqual(texts.samples.map(({ id }) => id), ["2007_99", "2008_10", "2008_9"]);
});

Deno.test("what is written is read again", async () => {
  await using dir = await temporaryFolder();
  const dataset = {
    images: [image("a")],
    categories: categories.map((category) => ({ ...category, supercategory: "animal" })),
    annotations: [{ ...object(1, "a"), bbox: [1, 2, 3, 4] as [number, number, number, number] }],
  };
  await writeAnnotations(dir.path, {
    ...dataset,
    annotations: [{ ...dataset.annotations[0], iscrowd: 0 }],
  });
  const { samples, groundTruth } = await readDetectionDataset(dir.path);
  assert.equal(samples[0].file, `${dir.path}/images/a.png`);
  assert.deepEqual(JSON.parse(JSON.stringify(groundTruth)), JSON.parse(JSON.stringify(dataset)));
});

Deno.test("a faulty entry is named with its id", async () => {
  assert.match(
    await fault({ images: [image(1)], categories, annotations: [object(31, 1, { bbox: [1, 2] })] }),
    /^Cannot use FILE: annotations\.0\.bbox\S* \(id 31\): .+/,
  );
  assert.match(
    await fault({ images: [{ id: 5, file_name: "a" }], categories, annotations: [] }),
    /^Cannot use FILE: images\.0\.width \(id 5\): .+, and 1 more faults$/,
  );
  assert.match(await fault({ images: [], categories }), /^Cannot use FILE: annotations: /);
});

Deno.test("references that do not hold are named", async () => {
  assert.equal(
    await fault({ images: [image(1)], categories, annotations: [object(4, 2)] }),
    "Cannot use FILE: annotation 4 belongs to image 2, which is not in the file",
  );
  assert.equal(
    await fault({
      images: [image(1)],
      categories,
      annotations: [object(4, 1, { category_id: 1 })],
    }),
    "Cannot use FILE: annotation 4 belongs to category 1, which is not in the file",
  );
  assert.equal(
    await fault({ images: [image("a"), image("a")], categories, annotations: [] }),
    'Cannot use FILE: two images have the id "a"',
  );
});

Deno.test("a missing or broken annotation file is named", async () => {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/annotations.json`;
  await assert.rejects(readDetectionDataset(dir.path), {
    name: "InputError",
    message: `Cannot read ${file}: no such file`,
  });
  await Deno.writeTextFile(file, "{");
  await assert.rejects(readDetectionDataset(dir.path), {
    name: "InputError",
    message: /^Cannot read .*annotations\.json: .*JSON/,
  });
});
