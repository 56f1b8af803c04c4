import assert from "node:assert/strict";
import { parseCocoFile } from "../../../../ml/data/formats/coco.ts";

const image = { id: 1, file_name: "a.jpg", width: 20, height: 10 };
const category = { id: 3, name: "cat", supercategory: "animal" };
const object = { id: 9, image_id: 1, category_id: 3, bbox: [1, 2, 3, 4], area: 10, iscrowd: 0 };

function parse(json: Record<string, unknown> | string) {
  const defects: string[] = [];
  const text = typeof json === "string"
    ? json
    : JSON.stringify({ images: [image], categories: [category], annotations: [object], ...json });
  const file = parseCocoFile(
    text,
    "x.json",
    ({ kind, detail }) => defects.push(`${kind}: ${detail}`),
  );
  return { ...file, defects };
}

Deno.test("a sound file passes unchanged, other fields included", () => {
  const { images, annotations, categories, defects } = parse({
    images: [{ ...image, license: 2 }],
    annotations: [{ ...object, segmentation: [[1, 2]] }],
  });
  assert.deepEqual(images, [{ ...image, license: 2 }]);
  assert.deepEqual(annotations, [{ ...object, segmentation: [[1, 2]] }]);
  assert.deepEqual(categories, [category]);
  assert.deepEqual(defects, []);
});

Deno.test("missing sizes, areas and crowd marks are filled in", () => {
  const { image_id, category_id, bbox, id } = object;
  const { images, annotations, defects } = parse({
    images: [{ id: 1, file_name: "a.jpg", width: null }],
    annotations: [{ id, image_id, category_id, bbox }],
  });
  assert.deepEqual([images[0].width, images[0].height], [0, 0]);
  assert.deepEqual([annotations[0].area, annotations[0].iscrowd], [12, 0]);
  assert.deepEqual(defects, []);
});

Deno.test("entries that say nothing usable are left out", () => {
  const { annotations, defects } = parse({
    annotations: [object, { ...object, id: 10, bbox: [1, 2, -3, 4] }, {
      ...object,
      id: 11,
      bbox: "?",
    }],
  });
  assert.deepEqual(annotations.map(({ id }) => id), [9]);
  assert.equal(defects.length, 2);
  assert.match(defects[0], /^unusable entry in annotations: annotations\.1 \(id 10\): bbox\.2: /);
  assert.match(defects[1], /annotations\.2 \(id 11\): bbox: .+; it is left out$/);
});

Deno.test("annotations of images or categories that do not exist are left out", () => {
  const { annotations, defects } = parse({
    annotations: [{ ...object, image_id: 5 }, { ...object, category_id: 1 }],
  });
  assert.equal(annotations.length, 0);
  assert.deepEqual(defects, [
    "dangling reference: annotation 9 is of image 5, which is not in the file; it is left out",
    "dangling reference: annotation 9 is of category 1, which is not in the file; it is left out",
  ]);
});

Deno.test("ids of annotations become unique and positive", () => {
  const { annotations, defects } = parse({
    annotations: [object, object, { ...object, id: 0 }, { ...object, id: undefined }],
  });
  assert.deepEqual(annotations.map(({ id }) => id), [9, 10, 11, 12]);
  assert.equal(defects.length, 3);
  assert.equal(defects[0], "unusable annotation id: annotation 9 on image 1 gets the id 10");
});

Deno.test("of images and categories with one id the last counts", () => {
  const { images, categories, defects } = parse({
    images: [image, { ...image, file_name: "b.jpg" }],
    categories: [category, { ...category, name: "dog" }],
  });
  assert.deepEqual(images.map(({ file_name }) => file_name), ["b.jpg"]);
  assert.deepEqual(categories.map(({ name }) => name), ["dog"]);
  assert.deepEqual(defects, [
    "duplicate image id: image 1: the last one counts",
    "duplicate category id: category 3: the last one counts",
  ]);
});

Deno.test("ids too large for a number stay different", () => {
  const { images, annotations } = parse(`{"images": [
      {"id": 90071992547409930, "file_name": "a", "width": 1, "height": 1},
      {"id": 90071992547409931, "file_name": "b", "width": 1, "height": 1}],
    "categories": [{"id": 3, "name": "cat"}],
    "annotations": [{"id": 1, "image_id": 90071992547409931, "category_id": 3,
      "bbox": [0, 0, 1, 1], "area": 1}]}`);
  assert.deepEqual(images.map(({ id }) => id), ["90071992547409930", "90071992547409931"]);
  assert.equal(annotations[0].image_id, "90071992547409931");
});

Deno.test("a file that is no COCO is refused", () => {
  assert.throws(() => parse("{"), { name: "InputError", message: /^Cannot read x\.json: .*JSON/ });
  assert.throws(() => parse({ annotations: undefined }), {
    name: "InputError",
    message:
      /^Cannot use x\.json: annotations: .+; expected COCO's lists images, annotations and categories$/,
  });
});
