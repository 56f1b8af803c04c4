import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { readClassificationDataset } from "../../ml/data/classification_dataset.ts";
import { pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_cars.ts";
import { tarFile } from "../helpers/tar.ts";
import { zipFile } from "../helpers/zip.ts";
import { imported, refused } from "./imported.ts";

const TABLES = new URL("../ml/data/mat/", import.meta.url).pathname;
const table = (name: string) => Deno.readFile(`${TABLES}${name}.mat`);
const PICTURE = new Uint8Array(await pngBytes(blankPicture(20, 10)));
type Files = Record<string, Uint8Array>;

/** Classes in the tables: 1 is "Ram C/V Van 2012", 2 "Acura RL Sedan 2012". */
const DEVKIT: Files = {
  "devkit/cars_meta.mat": await table("cars_meta"),
  "devkit/cars_train_annos.mat": await table("cars_train_annos"),
  "devkit/cars_test_annos.mat": await table("cars_test_annos"),
  "devkit/cars_test_annos_withlabels.mat": await table("cars_test_annos_withlabels"),
  "cars_train/00001.jpg": PICTURE,
  "cars_train/00002.jpg": PICTURE,
  "cars_train/00003.jpg": PICTURE,
  "cars_test/00001.jpg": PICTURE,
};
const FOLDERS: Files = {
  "car_data/car_data/train/Acura RL Sedan 2012/00001.jpg": PICTURE,
  "car_data/car_data/train/Acura RL Sedan 2012/00003.jpg": PICTURE,
  "car_data/car_data/train/Ram C-V Van 2012/00002.jpg": PICTURE,
  "car_data/car_data/test/Ram C-V Van 2012/00001.jpg": PICTURE,
  "names.csv": new TextEncoder().encode("x"),
};

const inFolder = (name = "") => (data: string) => ({ params: { archive: `${data}${name}` } });

async function read(outputs: { train: string; val: string }) {
  const train = await readClassificationDataset(outputs.train);
  const val = await readClassificationDataset(outputs.val);
  return [train, val].map(({ classes, samples }) => ({
    classes,
    labels: samples.map(({ label }) => label),
  }));
}

Deno.test("class folders are found in a folder, a zip file and tar files; test becomes val", async () => {
  const entries = Object.entries(FOLDERS).map(([name, content]) => ({ name, content }));
  const tar = await tarFile(entries);
  for (
    const [files, name] of [
      [FOLDERS, ""],
      [{ "cars.zip": zipFile(FOLDERS) }, "/cars.zip"],
      [{ "cars.tar": tar }, "/cars.tar"],
      [{ "cars.tgz": gzipSync(tar) }, "/cars.tgz"],
    ] as const
  ) {
    await using data = await imported(stage, files, inFolder(name));
    const classes = ["Acura RL Sedan 2012", "Ram C-V Van 2012"];
    assert.deepEqual(await read(data.outputs), [
      { classes, labels: [0, 1, 0] },
      { classes, labels: [1] },
    ], name);
    assert.deepEqual([...Deno.readDirSync(data.scratch)], [], "nothing is left behind");
  }
});

Deno.test("the original's tables say which class each picture is of", async () => {
  const classes = ["Acura RL Sedan 2012", "Ram C/V Van 2012"];
  const expected = [{ classes, labels: [0, 1, 0] }, { classes, labels: [1] }];
  await using data = await imported(stage, DEVKIT, inFolder());
  assert.deepEqual(await read(data.outputs), expected);
  assert.deepEqual(data.tables, { Imported: [["train", 3, 2, 1, 2], ["val", 1, 1, 1, 1]] });

  // One copy has folders in folders, and the table with the labels beside the devkit.
  const moved = Object.fromEntries(
    Object.entries(DEVKIT).map(([name, content]) => [
      name.replace(/^(cars_\w+)/, "$1/$1").replace("devkit/cars_test_annos_w", "cars_test_annos_w")
        .replace("devkit/", "car_devkit/"),
      content,
    ]),
  );
  await using other = await imported(stage, { "cars.zip": zipFile(moved) }, inFolder("/cars.zip"));
  assert.deepEqual(await read(other.outputs), expected);
});

Deno.test("pictures that are not there are left out, and reported", async () => {
  const { "cars_train/00002.jpg": _, ...without } = DEVKIT;
  await using data = await imported(stage, without, inFolder());
  assert.ok(data.log.includes(
    "missing picture: cars_train/00002.jpg: a picture of Ram C/V Van 2012 is not there; " +
      "it is left out",
  ));
});

Deno.test("without an archive the stage says where to get it and what to do with it", async () => {
  assert.equal(
    await refused(stage, {}, () => ({})),
    "Cannot fetch Stanford Cars: the site that has it asks for a login. Get " +
      '"Stanford Car Dataset by classes folder" from ' +
      "https://www.kaggle.com/datasets/jutrera/stanford-car-dataset-by-classes-folder " +
      "(or the original cars_train, cars_test and devkit) and say where the archive or its " +
      "folder is: --set data.archive=PATH",
  );
});

Deno.test("what is missing or of no use in the tables is said", async () => {
  const { "devkit/cars_test_annos_withlabels.mat": _, ...unlabelled } = DEVKIT;
  assert.equal(
    await refused(stage, unlabelled, inFolder()),
    "Cannot use DATA/devkit/cars_test_annos.mat: it does not say which class 00001.jpg is of; " +
      "the classes of the test pictures are in cars_test_annos_withlabels.mat, " +
      "put it beside the others",
  );
  const { "devkit/cars_test_annos.mat": __, ...none } = unlabelled;
  assert.equal(
    await refused(stage, none, inFolder()),
    "Cannot read DATA/devkit/cars_test_annos_withlabels.mat: no such file",
  );
  const swapped = { ...DEVKIT, "devkit/cars_meta.mat": DEVKIT["devkit/cars_train_annos.mat"] };
  assert.equal(
    await refused(stage, swapped, inFolder()),
    'Cannot use DATA/devkit/cars_meta.mat: expected a variable "class_names" in it',
  );
  const cut = { ...DEVKIT, "devkit/cars_meta.mat": DEVKIT["devkit/cars_meta.mat"].slice(0, 150) };
  assert.equal(
    await refused(stage, cut, inFolder()),
    "Cannot read DATA/devkit/cars_meta.mat: it is a damaged MAT-file " +
      "(an element of 101 bytes does not fit in)",
  );
});

Deno.test("another archive is refused with what was expected", async () => {
  assert.equal(
    await refused(stage, { "a/b.txt": "" }, inFolder()),
    "Cannot use DATA: expected train/ and test/ with a folder for each class, " +
      "or cars_train/, cars_test/ and devkit/cars_meta.mat",
  );
  assert.equal(
    await refused(stage, {}, () => ({ params: { archive: "/nowhere.zip" } })),
    "Cannot read /nowhere.zip: no such file or folder",
  );
});
