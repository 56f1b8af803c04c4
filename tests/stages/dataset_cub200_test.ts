import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { readClassificationDataset } from "../../ml/data/classification_dataset.ts";
import { pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_cub200.ts";
import { tarFile } from "../helpers/tar.ts";
import { respond, server } from "../ml/data/http_server.ts";
import { imported, refused } from "./imported.ts";

const PICTURE = new Uint8Array(await pngBytes(blankPicture(20, 10)));
const FILES: Record<string, string | Uint8Array> = {
  "images/001.Albatross/A_1.jpg": PICTURE,
  "images/001.Albatross/A_2.jpg": PICTURE,
  "images/002.Auklet/B_1.jpg": PICTURE,
  "images/003.Crow/C_1.jpg": PICTURE,
  "images.txt":
    "1 001.Albatross/A_1.jpg\n2 001.Albatross/A_2.jpg\n3 002.Auklet/B_1.jpg\n4 003.Crow/C_1.jpg\n",
  "train_test_split.txt": "4 0\n3 1\n2 0\n1 1\n",
  "parts/parts.txt": "not looked at",
};
const inside = (files: typeof FILES) =>
  Object.fromEntries(Object.entries(files).map(([name, file]) => [`CUB_200_2011/${name}`, file]));

async function archive(): Promise<Uint8Array> {
  const entries = Object.entries(inside(FILES)).map(([name, content]) => ({ name, content }));
  return gzipSync(await tarFile([...entries, { name: "attributes.txt", content: "x" }]));
}

async function read(outputs: { train: string; val: string }) {
  const train = await readClassificationDataset(outputs.train);
  const val = await readClassificationDataset(outputs.val);
  return [train, val].map(({ classes, samples }) => ({
    classes,
    pictures: samples.map(({ file, label }) => [file.split("/").at(-1), label]),
  }));
}

const classes = ["001.Albatross", "002.Auklet", "003.Crow"];
const EXPECTED = [
  { classes, pictures: [["A_1.jpg", 0], ["B_1.jpg", 1]] },
  { classes, pictures: [["A_2.jpg", 0], ["C_1.jpg", 2]] },
];

Deno.test("CUB-200-2011 is downloaded, unpacked and split as its lists say", async () => {
  const body = await archive();
  const checksum = `md5:${createHash("md5").update(body).digest("hex")}`;
  await using http = server([respond({ body })]);
  await using data = await imported(stage, {}, () => ({ params: { url: http.url, checksum } }));
  assert.deepEqual(await read(data.outputs), EXPECTED);
  assert.deepEqual([...Deno.readDirSync(data.scratch)], [], "nothing is left behind");
  assert.deepEqual(data.tables, { Imported: [["train", 2, 2, 1, 1], ["val", 2, 2, 1, 1]] });
});

Deno.test("an archive or folder on this machine takes the place of a download", async () => {
  const files = { "CUB.tgz": await archive() };
  await using packed = await imported(stage, files, (data) => ({
    params: { archive: `${data}/CUB.tgz` },
  }));
  assert.deepEqual(await read(packed.outputs), EXPECTED);
  await using folder = await imported(stage, FILES, (data) => ({ params: { archive: data } }));
  assert.deepEqual(await read(folder.outputs), EXPECTED);
});

Deno.test("the stage may talk to the site and where that keeps its files, or to nobody", () => {
  assert.deepEqual(stage.net?.(stage.params.parse({})), [
    "data.caltech.edu",
    "s3.us-west-2.amazonaws.com",
  ]);
  assert.deepEqual(stage.net?.(stage.params.parse({ archive: "CUB.tgz" })), []);
});

Deno.test("entries of the lists that are of no use are left out, and reported", async () => {
  const files = {
    ...FILES,
    "images.txt": `${FILES["images.txt"]}5 001.Albatross/A_3.jpg\n6 ../secret/x.jpg\n7\n`,
    "train_test_split.txt": `${FILES["train_test_split.txt"]}6 1\n7 1\n`,
  };
  await using data = await imported(stage, files, (path) => ({ params: { archive: path } }));
  assert.deepEqual(await read(data.outputs), EXPECTED);
  assert.deepEqual(data.log.slice(0, 3), [
    "faulty list: images.txt: image 5 is in no split; it is left out",
    'faulty list: images.txt: image 6 has the path "../secret/x.jpg"; it is left out',
    'faulty list: images.txt: image 7 has the path ""; it is left out',
  ]);
});

Deno.test("another archive is refused with what was expected", async () => {
  assert.equal(
    await refused(stage, { "a.txt": "" }, (data) => ({ params: { archive: data } })),
    "Cannot use DATA: expected CUB_200_2011/ with images/, images.txt and train_test_split.txt",
  );
  const { "images.txt": _, ...without } = FILES;
  assert.equal(
    await refused(stage, without, (data) => ({ params: { archive: data } })),
    "Cannot read DATA/images.txt: no such file",
  );
});
