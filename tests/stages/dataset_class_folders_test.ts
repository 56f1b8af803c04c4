import assert from "node:assert/strict";
import { readClassificationDataset } from "../../ml/data/classification_dataset.ts";
import { decode, pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_class_folders.ts";
import { imported as importedBy, refused as refusedBy } from "./imported.ts";

const PICTURES = new URL("../ml/image/pictures/", import.meta.url).pathname;
const stored = (name: string) => Deno.readFile(PICTURES + name); // all are 11x7
const PNG = await pngBytes(blankPicture(20, 10));
type Files = Record<string, string | Uint8Array>;

async function imported(files: Files, params = {}) {
  const done = await importedBy(stage, files, (path) => ({ params: { path, ...params } }));
  const read = async (folder: string) => {
    const { classes, samples } = await readClassificationDataset(folder);
    const labels = samples.map(({ file, label }): [string, number] => [
      file.split("/").at(-1) ?? "",
      label,
    ]);
    return { classes, samples, labels: Object.fromEntries(labels) };
  };
  return { ...done, train: await read(done.outputs.train), val: await read(done.outputs.val) };
}

const refused = (files: Files, params = {}) =>
  refusedBy(stage, files, (path) => ({ params: { path, ...params } }));

const FOLDERS = {
  "train/dress/1.png": PNG,
  "train/dress/2.png": PNG,
  "train/Hat/3.png": PNG,
  "train/t-shirt/inner/4.png": PNG,
  "train/t-shirt/.hidden": "",
  "train/list.txt": "",
  "val/dress/5.png": PNG,
  "val/t-shirt/6.png": PNG,
};

const PETS = {
  "images/Abyssinian_1.jpg": PNG,
  "images/american_bulldog_20.jpg": PNG,
  "images/beagle_3.png": PNG,
  "annotations/trainval.txt": "american_bulldog_20 2 2 1\nbeagle_3 5 2 4\nAbyssinian_1 1 1 1\n",
  "annotations/test.txt": "Abyssinian_1 1 1 1\n",
};

Deno.test("class folders become two datasets, classes in the order of character codes", async () => {
  await using data = await imported(FOLDERS);
  assert.deepEqual(data.train.classes, ["Hat", "dress", "t-shirt"]);
  assert.deepEqual(data.val.classes, data.train.classes);
  assert.deepEqual(data.train.labels, { "1.png": 1, "2.png": 1, "3.png": 0, "4.png": 2 });
  assert.deepEqual(data.val.labels, { "5.png": 1, "6.png": 2 });
  assert.deepEqual([data.train.samples[0].width, data.train.samples[0].height], [20, 10]);
  assert.deepEqual(data.tables, { Imported: [["train", 4, 3, 1, 2], ["val", 2, 2, 1, 1]] });
  assert.deepEqual(data.log, [
    "train: 4 images of 3 of 3 classes",
    "val: 2 images of 2 of 3 classes",
  ]);
  assert.deepEqual(data.progress, [6, 6]);
  assert.deepEqual(await Deno.readFile(data.train.samples[0].file), new Uint8Array(PNG));
});

Deno.test("the split to measure on may be called valid or test", async () => {
  for (const name of ["valid", "validation", "test"]) {
    await using data = await imported({ "train/a/1.png": PNG, [`${name}/a/2.png`]: PNG });
    assert.deepEqual(data.val.labels, { "2.png": 0 });
  }
  await using data = await imported({ "learn/a/1.png": PNG, "exam/a/2.png": PNG }, {
    train: "learn",
    val: "exam",
  });
  assert.deepEqual(data.val.labels, { "2.png": 0 });
});

Deno.test("lists of pets name the class before the number", async () => {
  await using data = await imported(PETS);
  assert.deepEqual(data.train.classes, ["Abyssinian", "american_bulldog", "beagle"]);
  assert.deepEqual(data.train.labels, {
    "Abyssinian_1.jpg": 0,
    "american_bulldog_20.jpg": 1,
    "beagle_3.png": 2,
  });
});

Deno.test("classes can be chosen, and other pictures go without complaint", async () => {
  await using data = await imported(FOLDERS, { classes: ["t-shirt", "dress"] });
  assert.deepEqual(data.train.classes, ["dress", "t-shirt"]);
  assert.deepEqual(data.train.labels, { "1.png": 0, "2.png": 0, "4.png": 1 });
  assert.equal(data.tables["Defects in the data"], undefined);
  assert.equal(
    await refused(FOLDERS, { classes: ["dres"] }),
    'Cannot use DATA/train: it has no class "dres"; expected some of Hat, dress, t-shirt',
  );
});

Deno.test("a limit takes as many pictures of each class", async () => {
  const files = Object.fromEntries(
    ["a", "b", "c"].flatMap((name) => [1, 2, 3].map((i) => [`train/${name}/${name}${i}.png`, PNG])),
  );
  await using data = await imported({ ...files, "val/a/a9.png": PNG }, { limit: 6 });
  assert.deepEqual(Object.keys(data.train.labels), [
    "a1.png",
    "a2.png",
    "b1.png",
    "b2.png",
    "c1.png",
    "c2.png",
  ]);
});

Deno.test("pictures with defects are mended or left out, and reported", async () => {
  await using data = await imported({
    ...FOLDERS,
    "train/dress/gif.jpg": await stored("gif_named.jpg"),
    "train/dress/turned.jpg": await stored("exif_rotated.jpg"),
    "train/dress/grey.jpg": await stored("grey.jpg"),
    "train/Hat/cut.jpg": (await stored("colour.jpg")).subarray(0, 600),
    "train/Hat/Thumbs.db": "x",
    "val/scarf/7.png": PNG,
    "val/Hat/.keep": "",
  });
  assert.deepEqual(data.train.labels, {
    "1.png": 1,
    "2.png": 1,
    "3.png": 0,
    "4.png": 2,
    "gif.png": 1,
    "grey.jpg": 1,
    "turned.jpg": 1,
  });
  assert.deepEqual(
    await decode(data.train.samples[4].file),
    await decode(PICTURES + "gif_named.jpg"),
  );
  assert.deepEqual(Object.fromEntries(data.tables["Defects in the data"]), {
    "unreadable picture": 2,
    "other file type": 1,
    "EXIF rotation": 1,
    "unknown class": 1,
    "empty class": 1,
  });
  for (
    const line of [
      'unknown class: val/scarf/7.png: its class "scarf" is not among those to train on; ' +
      "it is left out",
      "empty class: val/Hat: no picture is in it; the class stays, without pictures",
      "other file type: train/dress/gif.jpg: it is of type gif; it is saved as PNG",
    ]
  ) assert.ok(data.log.includes(line), line);
});

Deno.test("a listed picture that is not there is left out, and reported", async () => {
  const { "images/beagle_3.png": _, ...without } = PETS;
  await using data = await imported(without);
  assert.equal(data.train.samples.length, 2);
  assert.ok(data.log.includes(
    "missing picture: images/beagle_3.jpg: a picture of beagle is not there; it is left out",
  ));
});

Deno.test("pictures of one name from several classes come to lie side by side", async () => {
  await using data = await imported({
    "train/a/1.png": PNG,
    "train/b c/1.png": await pngBytes(blankPicture(20, 10, [9, 9, 9])),
    "val/a/1.png": PNG,
  });
  assert.deepEqual(data.train.labels, { "1.png": 0, "b_c_1.png": 1 });
  assert.equal((await decode(data.train.samples[1].file)).data[0], 9);
});

Deno.test("pictures over the side that is asked for shrink", async () => {
  const large = await pngBytes(blankPicture(80, 40));
  await using data = await imported({ ...FOLDERS, "train/dress/1.png": large }, { max_side: 32 });
  const [{ file, width, height }] = data.train.samples;
  assert.deepEqual([width, height], [32, 16]);
  assert.equal((await decode(file)).width, 32);
});

Deno.test("a folder that holds nothing known is refused with what was expected", async () => {
  assert.equal(
    await refused({ "readme.txt": "" }),
    "Cannot use DATA: expected train/ and val/ with a folder for each class, " +
      "or images/ and annotations/trainval.txt and test.txt as in Oxford-IIIT Pet",
  );
  assert.equal(
    await refused({ "train/a/1.png": PNG }),
    'Cannot use DATA: expected val/ with a folder for each class; say where it is with "val"',
  );
  assert.equal(
    await refused({ "train/a/1.png": PNG, "val/b/1.png": PNG }),
    "Cannot use DATA/val: there is no image of any class in it",
  );
  assert.equal(
    await refused({ "train/a/1.png": "x", "val/a/1.png": PNG }),
    "Cannot use DATA/train: none of its pictures can be read",
  );
  assert.equal(
    await refused({ ...PETS, "annotations/test.txt": "" }),
    "Cannot use DATA/annotations/test.txt: there is no image of any class in it",
  );
  const { "annotations/test.txt": _, ...without } = PETS;
  assert.equal(
    await refused(without),
    "Cannot use DATA: expected a list of image names at annotations/test.txt; " +
      'say where it is with "val"',
  );
  assert.equal(await refused({}, { path: "/nowhere" }), "Cannot read /nowhere: no such folder");
});
