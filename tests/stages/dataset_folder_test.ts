import assert from "node:assert/strict";
import { readDetectionDataset } from "../../ml/data/detection_dataset.ts";
import { decode, pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_folder.ts";
import { imported as importedBy, refused as refusedBy } from "./imported.ts";

const PICTURES = new URL("../ml/image/pictures/", import.meta.url).pathname;
const stored = (name: string) => Deno.readFile(PICTURES + name); // all are 11x7
const PNG = await pngBytes(blankPicture(20, 10));

async function imported(files: Record<string, string | Uint8Array>, params = {}) {
  const done = await importedBy(stage, files, (path) => ({ params: { path, ...params } }));
  return {
    ...done,
    train: await readDetectionDataset(done.outputs.train),
    val: await readDetectionDataset(done.outputs.val),
  };
}

const refused = (files: Record<string, string | Uint8Array>, params = {}) =>
  refusedBy(stage, files, (path) => ({ params: { path, ...params } }));

const annotation = (name: string, objects: string, size = [20, 10]) =>
  `<annotation><filename>${name}</filename><size><width>${size[0]}</width>` +
  `<height>${size[1]}</height></size>${objects}</annotation>`;
const object = (name: string, box = [3, 4, 8, 9]) =>
  `<object><name>${name}</name><bndbox><xmin>${box[0]}</xmin><ymin>${box[1]}</ymin>` +
  `<xmax>${box[2]}</xmax><ymax>${box[3]}</ymax></bndbox></object>`;

const VOC = {
  "Annotations/a.xml": annotation("a.png", object("dog") + object("cat")),
  "Annotations/b.xml": annotation("b.png", ""),
  "Annotations/c.xml": annotation("c.png", object("cow")),
  "JPEGImages/a.png": PNG,
  "JPEGImages/b.png": PNG,
  "JPEGImages/c.png": PNG,
  "ImageSets/Main/train.txt": "a\r\nb\n",
  "ImageSets/Main/val.txt": "c 1\n",
};

const coco = (images: unknown[], annotations: unknown[] = [], categories: unknown[] = CATEGORIES) =>
  JSON.stringify({ images, annotations, categories });
const CATEGORIES = [{ id: 5, name: "dog" }, { id: 2, name: "cat" }];
const image = (id: number, file_name: string) => ({ id, file_name, width: 20, height: 10 });
const box = (id: number, image_id: number, category_id: number, more = {}) => ({
  id,
  image_id,
  category_id,
  bbox: [1, 2, 3, 4],
  area: 12,
  iscrowd: 0,
  ...more,
});
const COCO = {
  "annotations/instances_train2017.json": coco(
    [image(2, "b.png"), image(1, "a.png")],
    [box(1, 1, 5), box(2, 1, 2, { iscrowd: 1 })],
  ),
  "annotations/instances_val2017.json": coco([image(3, "c.png")], [box(1, 3, 2)]),
  "annotations/captions_train2017.json": "{}",
  "train2017/a.png": PNG,
  "train2017/b.png": PNG,
  "val2017/c.png": PNG,
};

Deno.test("a VOC folder becomes two detection datasets, classes in alphabetical order", async () => {
  await using data = await imported(VOC);
  assert.deepEqual(data.train.classes, ["background", "cat", "cow", "dog"]);
  assert.deepEqual(data.val.classes, data.train.classes);
  assert.deepEqual(data.train.samples.map(({ id }) => id), ["a", "b"]);
  assert.deepEqual([...data.train.samples[0].labels], [3, 1]);
  assert.deepEqual([...data.train.samples[0].boxes.slice(0, 4)], [2, 3, 8, 9]);
  assert.deepEqual(data.tables["Imported"], [["train", 2, 2, 0, 1], ["val", 1, 1, 0, 0]]);
  assert.equal(data.tables["Defects in the data"], undefined);
  assert.deepEqual(data.progress, [3, 3]);
  assert.deepEqual(await Deno.readFile(data.train.samples[0].file), new Uint8Array(PNG));
});

Deno.test("VOC's own folders inside the folder are found", async () => {
  const inside = Object.fromEntries(
    Object.entries(VOC).map(([name, content]) => [`VOCdevkit/VOC2012/${name}`, content]),
  );
  await using data = await imported(inside);
  assert.equal(data.train.samples.length, 2);
});

Deno.test("places may be named", async () => {
  const { "ImageSets/Main/train.txt": train, "ImageSets/Main/val.txt": val, ...rest } = VOC;
  await using data = await imported(
    { ...rest, "lists/1.txt": train, "lists/2.txt": val },
    { train: "lists/1.txt", val: "lists/2.txt" },
  );
  assert.equal(data.val.samples.length, 1);
});

Deno.test("a COCO folder becomes two detection datasets, categories keep their ids", async () => {
  await using data = await imported(COCO);
  assert.deepEqual(data.train.classes, ["background", "cat", "dog"]);
  assert.deepEqual(data.train.categoryIds, [0, 2, 5]);
  assert.deepEqual(data.train.samples.map(({ id }) => id), [1, 2]);
  assert.deepEqual(data.tables["Imported"], [["train", 2, 1, 1, 1], ["val", 1, 1, 0, 0]]);
});

Deno.test("one file per split beside its pictures is found too", async () => {
  await using data = await imported({
    "train/_annotations.coco.json": coco([image(1, "a.png")], [box(1, 1, 5)]),
    "train/a.png": PNG,
    "valid/_annotations.coco.json": coco([image(1, "b.png")]),
    "valid/b.png": PNG,
  });
  assert.equal(data.val.samples.length, 1);
});

Deno.test("classes can be chosen, and other objects go without complaint", async () => {
  await using voc = await imported(VOC, { classes: ["dog", "cow"] });
  assert.deepEqual(voc.train.classes, ["background", "dog", "cow"]);
  assert.deepEqual([...voc.train.samples[0].labels], [1]);
  assert.equal(voc.tables["Defects in the data"], undefined);
  await using fromCoco = await imported(COCO, { classes: ["dog"] });
  assert.deepEqual(fromCoco.val.samples[0].labels.length, 0);
  assert.equal(
    await refused(VOC, { classes: ["dgo"] }),
    'Cannot use DATA: it has no class "dgo"; expected some of cat, cow, dog',
  );
  assert.equal(
    await refused(COCO, { classes: ["cow"] }),
    'Cannot use DATA: it has no class "cow"; expected some of cat, dog',
  );
});

Deno.test("a limit takes the first images that can be used", async () => {
  const { "JPEGImages/a.png": _, ...withoutA } = VOC;
  await using data = await imported(withoutA, { limit: 1 });
  assert.deepEqual(data.train.samples.map(({ id }) => id), ["b"]);
});

Deno.test("pictures with defects are mended or left out, and reported", async () => {
  const names = ["gif", "grey", "cmyk", "turned", "cut", "text", "gone", "small"];
  await using data = await imported({
    ...VOC,
    "ImageSets/Main/train.txt": names.join("\n"),
    ...Object.fromEntries(names.map((name) => [
      `Annotations/${name}.xml`,
      annotation(`${name}.jpg`, object("dog", [1, 1, 4, 5]), name === "small" ? [20, 10] : [11, 7]),
    ])),
    "JPEGImages/gif.jpg": await stored("gif_named.jpg"),
    "JPEGImages/grey.jpg": await stored("grey.jpg"),
    "JPEGImages/cmyk.jpg": await stored("cmyk.jpg"),
    "JPEGImages/turned.jpg": await stored("exif_rotated.jpg"),
    "JPEGImages/cut.jpg": (await stored("colour.jpg")).subarray(0, 600),
    "JPEGImages/text.jpg": "<html>",
    "JPEGImages/small.jpg": await stored("colour.jpg"),
  });
  assert.deepEqual(
    data.train.samples.map(({ file, width, height }) => [file.split("/").at(-1), width, height]),
    [
      ["cmyk.jpg", 11, 7],
      ["gif.png", 11, 7],
      ["grey.jpg", 11, 7],
      ["small.jpg", 11, 7],
      ["turned.jpg", 11, 7],
    ],
  );
  assert.deepEqual(Object.fromEntries(data.tables["Defects in the data"].map(([k, n]) => [k, n])), {
    "unreadable picture": 2,
    "missing picture": 1,
    "other file type": 1,
    "EXIF rotation": 1,
    "wrong size": 1,
  });
  assert.ok(data.log.includes(
    "missing picture: JPEGImages/gone.jpg: " +
      'the picture of image "gone" is not there; it is left out',
  ));
  assert.ok(data.log.includes(
    "wrong size: JPEGImages/small.jpg: annotations say 20x10, the picture is 11x7; " +
      "the picture counts",
  ));
  assert.deepEqual(
    await decode(data.train.samples[1].file),
    await decode(PICTURES + "gif_named.jpg"),
  );
  assert.deepEqual(await Deno.readFile(data.train.samples[0].file), await stored("cmyk.jpg"));
});

Deno.test("annotations with defects are left out, and reported", async () => {
  await using data = await imported({
    ...VOC,
    "ImageSets/Main/train.txt": "a\na\nnone\nbroken\ntwin\n",
    "Annotations/a.xml": annotation("a.png", object("dog", [9, 1, 3, 5]) + object("cat")),
    "Annotations/broken.xml": "<annotation>",
    "Annotations/twin.xml": annotation("a.png", object("cat", [30, 1, 40, 5])),
    "JPEGImages/twin.png": PNG,
  });
  assert.deepEqual(data.train.samples.map(({ id }) => id), ["a", "twin"]);
  assert.deepEqual(data.train.samples.map(({ labels }) => labels.length), [1, 0]);
  assert.equal(data.train.groundTruth.annotations.length, 2, "evaluation counts the empty box");
  assert.deepEqual(Object.fromEntries(data.tables["Defects in the data"].map(([k, n]) => [k, n])), {
    "listed twice": 1,
    "missing annotation": 1,
    "unreadable annotation": 1,
    "wrong file name": 1,
    "box without area": 2,
  });
});

Deno.test("a picture that was converted after it was annotated is found by its stem", async () => {
  await using data = await imported({
    ...VOC,
    "Annotations/a.xml": annotation("a.jpg", object("dog")),
  });
  assert.equal(data.train.samples[0].file.split("/").at(-1), "a.png");
});

Deno.test("pictures of one name from several folders come to lie side by side", async () => {
  await using data = await imported({
    ...COCO,
    "annotations/instances_train2017.json": coco([image(1, "x/a.png"), image(2, "y/a.png")]),
    "train2017/x/a.png": PNG,
    "train2017/y/a.png": await pngBytes(blankPicture(20, 10, [9, 9, 9])),
  });
  assert.deepEqual(
    data.train.samples.map(({ file }) => file.split("/").at(-1)),
    ["a.png", "2_a.png"],
  );
  assert.equal((await decode(data.train.samples[1].file)).data[0], 9);
});

Deno.test("a folder that holds nothing known is refused with what was expected", async () => {
  assert.equal(
    await refused({ "readme.txt": "" }),
    "Cannot use DATA: expected a folder Annotations with Pascal VOC's XML files, " +
      "or annotations/instances_train.json and instances_val.json in COCO's format",
  );
  assert.equal(
    await refused({ "Annotations/a.xml": "" }),
    "Cannot use DATA: expected a list of image names at ImageSets/Main/train.txt; " +
      'say where it is with "train"',
  );
  assert.equal(
    await refused({ "annotations/instances_train.json": coco([]) }),
    'Cannot use DATA: expected annotations/instances_val.json; say where it is with "val"',
  );
  assert.equal(
    await refused({ ...COCO, "annotations/instances_train2014.json": coco([]) }),
    "Cannot use DATA: DATA/annotations/instances_train2014.json and " +
      "DATA/annotations/instances_train2017.json may both be annotations/instances_train.json; " +
      'say which with "train"',
  );
  assert.equal(await refused(VOC, { path: "/nowhere" }), "Cannot read /nowhere: no such folder");
});

Deno.test("splits without usable images, or that disagree, are refused", async () => {
  const { "JPEGImages/c.png": _, ...withoutC } = VOC;
  assert.equal(
    await refused(withoutC),
    "Cannot use DATA/ImageSets/Main/val.txt: none of its pictures can be read",
  );
  assert.equal(
    await refused({
      ...COCO,
      "annotations/instances_val2017.json": coco([image(3, "c.png")], [], [{ id: 5, name: "cow" }]),
    }),
    'Cannot use DATA/annotations/instances_val2017.json: category 5 is "cow" there, ' +
      'but "dog" in the other split',
  );
});

Deno.test("pictures over the side that is asked for shrink, and their boxes with them", async () => {
  await using data = await imported({
    ...VOC,
    "JPEGImages/a.png": await pngBytes(blankPicture(80, 40)),
    "JPEGImages/b.png": await pngBytes(blankPicture(32, 16)),
    "Annotations/a.xml": annotation("a.png", object("dog", [9, 5, 40, 20]), [80, 40]),
    "Annotations/b.xml": annotation("b.png", "", [32, 16]),
  }, { max_side: 32 });
  const [a, b] = data.train.samples;
  assert.deepEqual([a.width, a.height, b.width, b.height], [32, 16, 32, 16]);
  // 8, 4, 40, 20 times 32/80, in float32.
  assert.deepEqual([...a.boxes], [8, 4, 40, 20].map((side) => Math.fround(side * 0.4)));
  assert.equal(data.train.groundTruth.annotations[0].area, 32 * 16 * 0.4 * 0.4);
  const shrunk = await decode(a.file);
  assert.deepEqual([shrunk.width, shrunk.height], [32, 16]);
});
