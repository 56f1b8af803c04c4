import assert from "node:assert/strict";
import { type SplitOptions, splitPictures } from "../../../ml/data/split_pictures.ts";
import { decode, pngBytes } from "../../../ml/image/codec.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import { temporaryFolder, writeFiles } from "./temporary_folder.ts";

/** A picture of one value, by which its windows are known. */
function plain(value: number, width: number, height: number): Picture {
  return { width, height, data: new Uint8Array(width * height * 3).fill(value) };
}

/** Parts pictures by name. @returns names and values of what is in either part */
async function parted(
  path: string,
  pictures: Record<string, Picture>,
  options: Partial<SplitOptions> = {},
) {
  for (const [name, picture] of Object.entries(pictures)) {
    await writeFiles(`${path}/in`, { [`images/${name}`]: await pngBytes(picture) });
  }
  const log: string[] = [];
  const targets = { windows: `${path}/windows`, heldOut: `${path}/held_out` };
  await splitPictures(`${path}/in`, targets, {
    seed: 1,
    resize: null,
    side: 32,
    windows: 8,
    share: 0.4,
    most: 10,
    signal: new AbortController().signal,
    log: (line) => log.push(line),
    onWindow: () => {},
    ...options,
  });
  const read = async (folder: string) => {
    const names = [...Deno.readDirSync(`${folder}/images`)].map(({ name }) => name).sort();
    return await Promise.all(names.map(async (name) => {
      const { width, height, data } = await decode(`${folder}/images/${name}`);
      return { name, width, height, value: data[0] };
    }));
  };
  return { log, windows: await read(targets.windows), heldOut: await read(targets.heldOut) };
}

const FIVE = Object.fromEntries(
  [10, 20, 30, 40, 50].map((value) => [`${value}.png`, plain(value, 40 + value, 64)]),
);

Deno.test("no picture is in both parts, and each that is learned from has its share of windows", async () => {
  await using dir = await temporaryFolder();
  const { windows, heldOut, log } = await parted(dir.path, FIVE);
  assert.equal(heldOut.length, 2);
  for (const { name, value, width, height } of heldOut) {
    assert.deepEqual([name, width, height], [`${value}.png`, 40 + value, 64]);
  }
  assert.deepEqual(
    windows.map(({ name }) => name),
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `${i}.png`),
  );
  assert.ok(windows.every(({ width, height }) => width === 32 && height === 32));
  const counts = Map.groupBy(windows, ({ value }) => value);
  assert.deepEqual([...counts.values()].map(({ length }) => length).sort(), [2, 3, 3]);
  assert.ok(heldOut.every(({ value }) => !counts.has(value)));
  assert.deepEqual(log, [
    "3 pictures to learn from, in 8 windows of 32x32 pixels; 2 held out to measure on",
  ]);
});

Deno.test("the seed decides which pictures are held out", async () => {
  const chosen = new Set<string>();
  for (const seed of [1, 1, 2, 3, 4, 5]) {
    await using dir = await temporaryFolder();
    const { heldOut } = await parted(dir.path, FIVE, { seed });
    chosen.add(heldOut.map(({ name }) => name).join());
  }
  assert.ok(chosen.size > 1 && chosen.size <= 5);
});

Deno.test("one picture is always kept to learn from, and one held out", async () => {
  await using dir = await temporaryFolder();
  const all = await parted(`${dir.path}/all`, FIVE, { share: 1 });
  assert.equal(all.heldOut.length, 4);
  const none = await parted(`${dir.path}/none`, FIVE, { share: 0 });
  assert.equal(none.heldOut.length, 1);
});

Deno.test("pictures are resized before they are cut and held out", async () => {
  await using dir = await temporaryFolder();
  const pictures = { "a.png": plain(1, 20, 10), "b.png": plain(2, 20, 10) };
  const { heldOut: [one] } = await parted(dir.path, pictures, { resize: 32 });
  assert.deepEqual([one.width, one.height], [64, 32]);
});

Deno.test("smaller pictures than a window are left out by name", async () => {
  await using dir = await temporaryFolder();
  const { log } = await parted(dir.path, { ...FIVE, "dot.png": plain(9, 31, 90) });
  assert.equal(log[0], "dot.png is left out: it is 31x90");
});

Deno.test("pictures that leave nothing to learn from or to measure on are refused", async () => {
  await using dir = await temporaryFolder();
  const small = { "a.png": plain(1, 60, 20), "b.png": plain(1, 40, 30) };
  await assert.rejects(parted(`${dir.path}/small`, small), {
    name: "InputError",
    message: "Cannot cut windows of 32x32 pixels: the largest of 2 pictures is 40x30; " +
      "choose smaller windows or larger pictures",
  });
  const single = { ...small, "c.png": plain(1, 64, 64) };
  await assert.rejects(parted(`${dir.path}/single`, single), {
    name: "InputError",
    message: "Cannot learn from one picture and measure on another: of 3 only c.png has room for " +
      "windows of 32x32 pixels; add pictures or choose smaller windows",
  });
});
