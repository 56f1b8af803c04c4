import { encode } from "fast-png";
import assert from "node:assert/strict";
import { readSegmentationDataset } from "../../ml/data/segmentation_dataset.ts";
import { decode, pngBytes } from "../../ml/image/codec.ts";
import { decodeMask, maskBytes } from "../../ml/image/mask.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_masks.ts";
import { imported as importedBy, refused as refusedBy } from "./imported.ts";

const PICTURES = new URL("../ml/image/pictures/", import.meta.url).pathname;
const stored = (name: string) => Deno.readFile(PICTURES + name); // all are 11x7
const PNG = await pngBytes(blankPicture(4, 2));
type Files = Record<string, string | Uint8Array>;

async function imported(files: Files, params = {}) {
  const done = await importedBy(stage, files, (path) => ({ params: { path, ...params } }));
  const read = async (folder: string) => {
    const { classes, samples } = await readSegmentationDataset(folder);
    const masks: Record<string, number[]> = {};
    for (const { file, mask } of samples) {
      masks[file.split("/").at(-1) ?? ""] = [...(await decodeMask(mask)).data];
    }
    return { classes, samples, masks };
  };
  return { ...done, train: await read(done.outputs.train), val: await read(done.outputs.val) };
}

const refused = (files: Files, params = {}) =>
  refusedBy(stage, files, (path) => ({ params: { path, ...params } }));

/** A mask of 4x2, or a row of it twice. */
function mask(...values: number[]): Uint8Array {
  const data = Uint8Array.from(values.length === 4 ? [...values, ...values] : values);
  return maskBytes({ width: 4, height: 2, data });
}

/** The same as a PNG with a palette; `row` is packed to bytes already. */
function paletteMask(row: number[], depth: 2 | 4 | 8): Uint8Array {
  const palette = Array.from({ length: 2 ** depth }, (_, i) => [i, 9, 255 - i]);
  const data = Uint8Array.from([...row, ...row]);
  return encode({ width: 4, height: 2, channels: 1, depth, data, palette });
}

const VOC = {
  "JPEGImages/a.png": PNG,
  "JPEGImages/b.png": PNG,
  "JPEGImages/c.png": PNG,
  "SegmentationClass/a.png": paletteMask([0, 1, 2, 255], 8),
  "SegmentationClass/b.png": paletteMask([0b00_00_10_10], 2),
  "SegmentationClass/c.png": paletteMask([0x11, 0x00], 4),
  "ImageSets/Segmentation/train.txt": "a\r\nb\n",
  "ImageSets/Segmentation/val.txt": "c\n",
  "my_classes.txt": "1 cat\n2 dog 18 dog\n",
};

const SEGNET = {
  "train/a.png": PNG,
  "trainannot/a.png": mask(0, 1, 2, 2),
  "val/b.png": PNG,
  "valannot/b.png": mask(1, 1, 0, 2),
  "train.txt": "/SegNet/CamVid/train/a.png /SegNet/CamVid/trainannot/a.png\n",
  "val.txt": "val/b.png valannot/b.png\n",
  "classes.txt": "0 Sky\n1 Traffic light\n2 Unlabelled\n",
};

const PETS = {
  "images/Abyssinian_1.jpg": PNG,
  "images/beagle_2.jpg": PNG,
  "annotations/trimaps/Abyssinian_1.png": mask(1, 2, 3, 3),
  "annotations/trimaps/beagle_2.png": mask(2, 2, 1, 3),
  "annotations/trainval.txt": "Abyssinian_1 1 1 1\n",
  "annotations/test.txt": "beagle_2 5 2 1\n",
};

Deno.test("a VOC folder becomes two segmentation datasets: indices of palettes, 255 kept", async () => {
  await using data = await imported(VOC);
  assert.deepEqual(data.train.classes, ["background", "cat", "dog"]);
  assert.deepEqual(data.val.classes, data.train.classes);
  assert.deepEqual(data.train.masks, {
    "a.png": [0, 1, 2, 255, 0, 1, 2, 255],
    "b.png": [0, 0, 2, 2, 0, 0, 2, 2],
  });
  assert.deepEqual(data.val.masks, { "c.png": [1, 1, 0, 0, 1, 1, 0, 0] });
  assert.deepEqual(data.train.samples.map(({ width, height }) => [width, height]), [[4, 2], [
    4,
    2,
  ]]);
  assert.deepEqual(data.tables, { Imported: [["train", 2, 3, 87.5], ["val", 1, 2, 100]] });
  assert.deepEqual(data.log, [
    "train: 2 images; background 37.5 %, dog 37.5 %, cat 12.5 %; not counted 12.5 %",
    "val: 1 images; background 50 %, cat 50 %, dog 0 %; not counted 0 %",
  ]);
  assert.deepEqual(data.progress, [3, 3]);
  assert.deepEqual(await Deno.readFile(data.train.samples[0].file), new Uint8Array(PNG));
});

Deno.test("pictures may lie in a folder for each split, and VOC's folders inside the folder", async () => {
  const { "JPEGImages/a.png": a, "JPEGImages/b.png": b, "JPEGImages/c.png": c, ...rest } = VOC;
  await using data = await imported({
    ...rest,
    "train/a.png": a,
    "train/b.png": b,
    "val/c.png": c,
  });
  assert.equal(data.train.samples.length, 2);
  const { "my_classes.txt": _, ...plain } = VOC;
  const inside = Object.fromEntries(
    Object.entries(plain).map(([name, content]) => [`VOCdevkit/VOC2012/${name}`, content]),
  );
  await using deep = await imported({ ...inside, "classes.txt": "background\ncat\ndog\n" });
  assert.deepEqual(deep.train.classes, ["background", "cat", "dog"]);
});

Deno.test("a SegNet folder is told by its folders, its paths by their ends, void by its name", async () => {
  await using data = await imported(SEGNET);
  assert.deepEqual(data.train.classes, ["Sky", "Traffic light"]);
  assert.deepEqual(data.train.masks, { "a.png": [0, 1, 255, 255, 0, 1, 255, 255] });
  assert.deepEqual(data.val.masks, { "b.png": [1, 1, 0, 255, 1, 1, 0, 255] });
});

Deno.test("values that do not count may be given, and the classes close ranks", async () => {
  await using data = await imported(SEGNET, { void: [0] });
  assert.deepEqual(data.train.classes, ["Traffic light", "Unlabelled"]);
  assert.deepEqual(data.train.masks, { "a.png": [255, 0, 1, 1, 255, 0, 1, 1] });
});

Deno.test("trimaps of pets need no list of classes: the border does not count", async () => {
  await using data = await imported(PETS);
  assert.deepEqual(data.train.classes, ["animal", "background"]);
  assert.deepEqual(data.train.masks, { "Abyssinian_1.jpg": [0, 1, 255, 255, 0, 1, 255, 255] });
});

Deno.test("classes may be named with their values", async () => {
  await using data = await imported(PETS, {
    classes: ["background", "animal", "border"],
    values: [2, 1, 3],
  });
  assert.deepEqual(data.train.classes, ["background", "animal", "border"]);
  assert.deepEqual(data.train.masks, { "Abyssinian_1.jpg": [1, 0, 2, 2, 1, 0, 2, 2] });
  await using counted = await imported(SEGNET, { classes: ["a", "b", "c"] });
  assert.deepEqual(counted.train.classes, ["a", "b", "c"]);
});

Deno.test("lists of classes come in several forms", async () => {
  const from = async (list: string) => {
    await using data = await imported({ ...SEGNET, "classes.txt": list });
    return data.train.classes;
  };
  assert.deepEqual(await from("sky\r\n\r\ntraffic light\nroad\n"), [
    "sky",
    "traffic light",
    "road",
  ]);
  assert.deepEqual(await from("0,sky,1,2,3\n1,8,4,5,6\n2,void,0,0,0\n"), ["sky", "8"]);
  assert.deepEqual(await from("0: sky\n1: light\n2: road\n"), ["sky", "light", "road"]);
  assert.deepEqual(await from("1 sky\n2 road\n"), ["background", "sky", "road"]);
});

Deno.test("masks with defects are mended or their pictures left out, and reported", async () => {
  const names = ["fine", "unknown", "gone", "wide", "cut", "colour", "empty", "void"];
  await using data = await imported({
    ...VOC,
    "ImageSets/Segmentation/train.txt": [...names, "fine", "unseen"].join("\n"),
    ...Object.fromEntries(names.map((name) => [`JPEGImages/${name}.png`, PNG])),
    "SegmentationClass/fine.png": mask(0, 1, 2, 0),
    "SegmentationClass/unknown.png": mask(0, 7, 3, 7),
    "SegmentationClass/wide.png": maskBytes({ width: 2, height: 4, data: new Uint8Array(8) }),
    "SegmentationClass/cut.png": mask(0, 1, 2, 0).subarray(0, 50),
    "SegmentationClass/colour.png": PNG,
    "SegmentationClass/empty.png": "",
    "SegmentationClass/void.png": mask(255, 9, 255, 255),
  });
  assert.deepEqual(data.train.masks, {
    "fine.png": [0, 1, 2, 0, 0, 1, 2, 0],
    "unknown.png": [0, 255, 255, 255, 0, 255, 255, 255],
  });
  assert.deepEqual(data.log.slice(0, -2).sort(), [
    "empty mask: SegmentationClass/void.png: no pixel counts; the picture is left out",
    'listed twice: ImageSets/Segmentation/train.txt: "fine" is taken once',
    "missing mask: SegmentationClass/gone.png: no such file; the picture is left out",
    'missing picture: JPEGImages/unseen.jpg: the picture of "unseen" is not there; it is left out',
    "unknown value: SegmentationClass/unknown.png: 6 pixels have values of no class: 3, 7; " +
    "they do not count",
    "unknown value: SegmentationClass/void.png: 2 pixels have values of no class: 9; " +
    "they do not count",
    "unreadable mask: SegmentationClass/colour.png: Cannot use SegmentationClass/colour.png as a " +
    "mask: it holds colours; expected a PNG file with a palette, or with grey values of at most 8 " +
    "bits, whose values are classes; the picture is left out",
    "unreadable mask: SegmentationClass/cut.png: Cannot read SegmentationClass/cut.png: it is a " +
    "damaged PNG (Invalid typed array length: 14); the picture is left out",
    "unreadable mask: SegmentationClass/empty.png: Cannot read SegmentationClass/empty.png: " +
    "expected a mask in a PNG file; the picture is left out",
    "wrong size: SegmentationClass/wide.png: the mask is 2x4, the picture 4x2; " +
    "the picture is left out",
  ]);
  assert.deepEqual(Object.fromEntries(data.tables["Defects in the data"]), {
    "unreadable mask": 3,
    "unknown value": 2,
    "listed twice": 1,
    "missing mask": 1,
    "wrong size": 1,
    "empty mask": 1,
    "missing picture": 1,
  });
});

Deno.test("pictures of another type than their names say become PNG files", async () => {
  const data11x7 = maskBytes({ width: 11, height: 7, data: new Uint8Array(77) });
  await using data = await imported({
    ...VOC,
    "ImageSets/Segmentation/train.txt": "gif\nturned\ntext\n",
    "JPEGImages/gif.jpg": await stored("gif_named.jpg"),
    "JPEGImages/turned.jpg": await stored("exif_rotated.jpg"),
    "JPEGImages/text.jpg": "<html>",
    "SegmentationClass/gif.png": data11x7,
    "SegmentationClass/turned.png": data11x7,
    "SegmentationClass/text.png": data11x7,
  });
  assert.deepEqual(Object.keys(data.train.masks), ["gif.png", "turned.jpg"]);
  assert.deepEqual(Object.fromEntries(data.tables["Defects in the data"]), {
    "other file type": 1,
    "EXIF rotation": 1,
    "unreadable picture": 1,
  });
});

Deno.test("pictures over the side that is asked for shrink, masks without mixing classes", async () => {
  const wide = Uint8Array.from({ length: 80 * 40 }, (_, i) => i % 80 < 40 ? 0 : 2);
  await using data = await imported({
    ...VOC,
    "ImageSets/Segmentation/train.txt": "b\n",
    "JPEGImages/b.png": await pngBytes(blankPicture(80, 40)),
    "SegmentationClass/b.png": maskBytes({ width: 80, height: 40, data: wide }),
  }, { max_side: 32 });
  const [{ file, width, height }] = data.train.samples;
  assert.deepEqual([width, height], [32, 16]);
  const { width: w, height: h } = await decode(file);
  assert.deepEqual([w, h], [32, 16]);
  const half = [...Array(16).fill(0), ...Array(16).fill(2)];
  assert.deepEqual(data.train.masks["b.png"], Array(16).fill(half).flat());
});

Deno.test("a limit takes the first images that can be used", async () => {
  const { "SegmentationClass/a.png": _, ...withoutA } = VOC;
  await using data = await imported(withoutA, { limit: 1 });
  assert.deepEqual(Object.keys(data.train.masks), ["b.png"]);
});

Deno.test("a SegNet list that names pictures alone means the masks of these names", async () => {
  await using data = await imported({ ...SEGNET, "train.txt": "train/a.png\n" });
  assert.deepEqual(data.train.masks["a.png"].slice(0, 4), [0, 1, 255, 255]);
});

Deno.test("lists may be named", async () => {
  const { "train.txt": train, ...rest } = SEGNET;
  await using data = await imported({ ...rest, "lists/1.txt": train }, { train: "lists/1.txt" });
  assert.equal(data.train.samples.length, 1);
});

Deno.test("pictures of one name come to lie side by side, and their masks too", async () => {
  await using data = await imported({
    ...SEGNET,
    "train.txt": "x/a.png xm/a.png\ny/a.png ym/a.png\nz/a.jpg zm/a.png\n",
    "x/a.png": PNG,
    "y/a.png": PNG,
    "z/a.jpg": PNG,
    "xm/a.png": mask(0, 0, 0, 0),
    "ym/a.png": mask(1, 1, 1, 1),
    "zm/a.png": mask(2, 0, 0, 0),
  });
  const names = data.train.samples.map(({ file, mask }) =>
    [file, mask].map((path) => path.split("/").at(-1))
  );
  assert.deepEqual(names, [
    ["1_a.png", "1_a.png"],
    ["a.jpg", "2_a.png"],
    ["a.png", "a.png"],
  ]);
  const first = Object.entries(data.train.masks).map(([name, [value]]) => [name, value]);
  assert.deepEqual(first, [["1_a.png", 1], ["a.jpg", 255], ["a.png", 0]]);
});

Deno.test("what is not known or does not fit together is refused with what was expected", async () => {
  assert.equal(
    await refused({ "readme.txt": "" }),
    "Cannot use DATA: expected a folder SegmentationClass with masks as in Pascal VOC, " +
      "train.txt and trainannot as in CamVid, or annotations/trimaps as in Oxford-IIIT Pet",
  );
  assert.equal(await refused({}, { path: "/nowhere" }), "Cannot read /nowhere: no such folder");
  const { "my_classes.txt": _, ...nameless } = VOC;
  assert.equal(
    await refused(nameless),
    "Cannot use DATA: expected one file that lists the classes, e.g. classes.txt, " +
      'but it has none; name the classes with "classes"',
  );
  assert.equal(
    await refused({ ...VOC, "classes.txt": "a" }),
    "Cannot use DATA: expected one file that lists the classes, e.g. classes.txt, " +
      'but it has classes.txt and my_classes.txt; name the classes with "classes"',
  );
  assert.equal(
    await refused({ ...VOC, "my_classes.txt": "1 cat\n1 dog\n" }),
    'Cannot use the classes: 1 is both "cat" and "dog"',
  );
  assert.equal(
    await refused({ ...VOC, "my_classes.txt": "300 cat\n" }),
    "Cannot use DATA/my_classes.txt: 300 is no value of a mask; expected 0 … 255",
  );
  assert.equal(
    await refused({ ...VOC, "my_classes.txt": "0 void\n" }),
    "Cannot use the classes: none of them counts",
  );
  assert.equal(
    await refused(VOC, { classes: ["a", "b"], values: [1] }),
    'Cannot pair 2 classes with 1 values: expected one of "values" for each of "classes"',
  );
  assert.equal(
    await refused(VOC, { values: [1] }),
    'Cannot use "values" without "classes": they are the values of these',
  );
  assert.equal(
    await refused({ ...VOC, "ImageSets/Segmentation/val.txt": "\n" }),
    "Cannot use DATA/ImageSets/Segmentation/val.txt: it names no image",
  );
  const { "ImageSets/Segmentation/val.txt": __, ...withoutVal } = VOC;
  assert.equal(
    await refused(withoutVal),
    "Cannot use DATA: expected a list of image names at ImageSets/Segmentation/val.txt; " +
      'say where it is with "val"',
  );
  const { "SegmentationClass/c.png": ___, ...withoutC } = VOC;
  assert.equal(
    await refused(withoutC),
    "Cannot use DATA/ImageSets/Segmentation/val.txt: none of its pictures can be read",
  );
});
