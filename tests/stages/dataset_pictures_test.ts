import assert from "node:assert/strict";
import { decode, pngBytes, readHeader } from "../../ml/image/codec.ts";
import { blankPicture, type Picture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_pictures.ts";
import { temporaryFolder, writeFiles } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";

const PICTURES = new URL("../ml/image/pictures/", import.meta.url).pathname;
type Files = Record<string, string | Uint8Array>;

/** Pixel (x, y) is (x, y, shade). */
function gradient(width: number, height: number, shade: number): Picture {
  const picture = blankPicture(width, height);
  for (let i = 0; i < width * height; i++) {
    picture.data.set([i % width, Math.floor(i / width), shade], 3 * i);
  }
  return picture;
}

/** PNG files of different content. */
const png = (width: number, height: number, shade = 0) => pngBytes(gradient(width, height, shade));

/** What the stage makes of a folder; texts do not say where the folder lies. */
async function imported(files: Files, params: Record<string, unknown> = {}) {
  const dir = await temporaryFolder();
  const path = `${dir.path}/data`;
  await Deno.mkdir(path);
  await writeFiles(path, files);
  const { told, context } = await fakeContext(dir.path, (at) => ({ images: at("images") }));
  const plain = (text: string) => text.replaceAll(path, "DATA");
  try {
    await stage.run({ ...context, params: stage.params.parse({ path, ...params }) });
  } catch (error) {
    await dir[Symbol.asyncDispose]();
    assert.ok(error instanceof Error && error.name === "InputError", String(error));
    return { refused: plain(error.message), log: told.log.map(plain) };
  }
  const folder = `${context.outputs.images}/images`;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return {
    folder,
    names,
    log: told.log.map(plain),
    tables: told.tables,
    progress: told.progress,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** For what must not be refused. */
async function taken(...args: Parameters<typeof imported>) {
  const done = await imported(...args);
  assert.ok(done.refused === undefined, `it is refused: ${done.refused}`);
  return done;
}

Deno.test("all pictures below a folder are taken, other files are not", async () => {
  const first = await png(12, 10);
  await using data = await taken({
    "b.PNG": first,
    "a/c.png": await png(20, 8),
    "README.md": "",
    "train.txt": "nothing",
    ".hidden/d.png": "",
  });
  assert.deepEqual(data.names, ["b.png", "c.png"]);
  assert.deepEqual(data.log, ["2 pictures, sides of 8 to 20 pixels"]);
  assert.deepEqual([data.tables, data.progress], [{}, [2, 2]]);
  assert.deepEqual(await Deno.readFile(`${data.folder}/b.png`), new Uint8Array(first));
});

Deno.test("a picture is cut at the right and below to a multiple of the scale", async () => {
  await using data = await taken({ "a.png": await png(21, 17) }, { multiple: 4 });
  const { width, height, data: pixels } = await decode(`${data.folder}/a.png`);
  assert.deepEqual([width, height], [20, 16]);
  assert.deepEqual([...pixels.slice(-3)], [19, 15, 0]);
});

Deno.test("a JPEG becomes a PNG with the pixels that it is decoded to", async () => {
  const jpeg = await Deno.readFile(`${PICTURES}colour.jpg`);
  await using data = await taken({ "x/a.jpg": jpeg });
  assert.deepEqual(data.names, ["a.png"]);
  const file = `${data.folder}/a.png`;
  assert.equal((await readHeader(await Deno.readFile(file), file)).format, "png");
  assert.deepEqual(await decode(file), await decode(`${PICTURES}colour.jpg`));
});

Deno.test("a list says which pictures, by name or path, with or without the ending", async () => {
  const files = {
    "HR/01.png": await png(8, 8, 1),
    "HR/02.png": await png(8, 8, 2),
    "HR/03.png": await png(8, 8, 3),
    "HR/deep/04.png": await png(8, 8, 4),
    "HR/05.png": await png(8, 8, 5),
    "lists/train.txt": "04\n  HR/01.png \n./HR/02\n\n03.png\n",
  };
  await using data = await taken(files, { list: "lists/train.txt" });
  assert.deepEqual(data.names, ["01.png", "02.png", "03.png", "04.png"]);
  await using few = await taken(files, { list: "lists/train.txt", limit: 2 });
  assert.deepEqual(few.names, ["01.png", "04.png"], "the first ones of the list");
});

Deno.test("pictures of one name from several folders all stay", async () => {
  await using data = await taken({
    "a/1.png": await png(8, 8, 1),
    "b/1.png": await png(8, 8, 2),
    "b/1.jpg": await Deno.readFile(`${PICTURES}colour.jpg`),
  });
  assert.deepEqual(data.names, ["1.png", "b_1.png", "b_1_1.png"].sort());
});

Deno.test("what cannot be used is left out, each with its reason, and counted", async () => {
  const twin = await png(16, 16);
  await using data = await taken({
    "a.png": twin,
    "b.png": twin,
    "c.png": "no picture",
    "d.png": twin.slice(0, 60),
    "e.png": await png(16, 7),
    "list.txt": "a\na.png\nb\nc\nd\ne\nf\n",
  }, { list: "list.txt", min_side: 8 });
  assert.deepEqual(data.names, ["a.png"]);
  const log = data.log.map((line) => line.replace(/\(.*\)/, "(…)"));
  // Several pictures are decoded at once, so their order is not fixed.
  assert.deepEqual(
    log.toSorted(),
    [
      'listed twice: DATA/list.txt: "a.png" of the list is there already; it counts once',
      'missing picture: DATA/list.txt: "f" of the list is not there; it is left out',
      "unreadable picture: DATA/c.png: " +
      "Cannot read DATA/c.png: it is a damaged picture, or none that is known (…); it is left out",
      "unreadable picture: DATA/d.png: " +
      "Cannot read DATA/d.png: it is a damaged picture, or none that is known (…); it is left out",
      "duplicate picture: DATA/b.png: it is the same as DATA/a.png; it is left out",
      "small picture: DATA/e.png: it is 16x7, expected 8 pixels each way; it is left out",
      "1 picture, sides of 16 to 16 pixels",
    ].sort(),
  );
  assert.deepEqual(data.tables, {
    "Defects in the data": [
      ["unreadable picture", 2],
      ["listed twice", 1],
      ["missing picture", 1],
      ["duplicate picture", 1],
      ["small picture", 1],
    ],
  });
});

Deno.test("a folder without anything to use is refused in words", async () => {
  const refusal = async (...args: Parameters<typeof imported>) => (await imported(...args)).refused;
  const small = await png(6, 6);
  const expected = "expected pictures such as NAME.png or NAME.jpg in it or below";
  assert.equal(await refusal({}), `Cannot use DATA: ${expected}; it is empty`);
  assert.equal(
    await refusal({ "a.txt": "", "b/c.md": "", "d.csv": "", "e.csv": "" }),
    `Cannot use DATA: ${expected}; found a.txt, b/c.md, d.csv, …`,
  );
  assert.equal(
    await refusal({ "a.png": small }, { min_side: 8 }),
    "Cannot use DATA: all its pictures are smaller than 8 pixels",
  );
  assert.equal(
    await refusal({ "a.png": small }, { multiple: 8 }),
    "Cannot use DATA: all its pictures are smaller than 8 pixels",
  );
  assert.equal(
    await refusal({ "a.png": "no picture" }),
    "Cannot use DATA: none of its pictures can be read",
  );
  assert.equal(
    await refusal({ "a.png": small }, { list: "no.txt" }),
    "Cannot read DATA/no.txt: no such file",
  );
  assert.equal(
    await refusal({ "a.png": small, "l.txt": "\n" }, { list: "l.txt" }),
    "Cannot use DATA/l.txt: it is empty; expected one picture a line",
  );
  assert.equal(
    await refusal({ "a.png": small, "l.txt": "b\nc\n" }, { list: "l.txt" }),
    "Cannot use DATA/l.txt: none of its 2 pictures lies in DATA or below",
  );
  assert.equal(
    await refusal({ "HR/a.png": small, "LR/a.png": small, "l.txt": "a\n" }, { list: "l.txt" }),
    'Cannot use DATA/l.txt: "a" may mean HR/a.png or LR/a.png; write which',
  );
});

Deno.test("a file is not a folder of pictures", async () => {
  await using dir = await temporaryFolder();
  const path = `${dir.path}/a.png`;
  await Deno.writeFile(path, await png(8, 8));
  const { context } = await fakeContext(dir.path, (at) => ({ images: at("images") }));
  await assert.rejects(stage.run({ ...context, params: stage.params.parse({ path }) }), {
    name: "InputError",
    message: `Cannot use ${path}: it is a file; expected a folder of pictures`,
  });
});
