import assert from "node:assert/strict";
import { decode, decodeBytes, encodePng, pngBytes, readHeader } from "../../../ml/image/codec.ts";
import { blankPicture, type Picture } from "../../../ml/image/picture.ts";
// Pixels as Pillow 13.0's `Image.open(file).convert("RGB")` gives them; of wide_grey.png, whose
// values Pillow clips to white, the upper bytes.
import expected from "./pictures/expected.json" with { type: "json" };

const FOLDER = new URL("./pictures/", import.meta.url).pathname;

for (const [name, { mode, width, height, rgb }] of Object.entries(expected)) {
  Deno.test(`decode() reads ${name} (${mode}) as the reference does`, async () => {
    const picture = await decode(FOLDER + name);
    assert.deepEqual([picture.width, picture.height], [width, height]);
    assert.equal(hex(picture), rgb);
  });
}

Deno.test("decode() names a file that is not there", async () => {
  await assert.rejects(decode("/nowhere/a.jpg"), {
    name: "InputError",
    message: "Cannot read /nowhere/a.jpg: no such file",
  });
});

Deno.test("decode() names a truncated file", async () => {
  for (const name of ["colour.jpg", "colour.png", "gif_named.jpg"]) {
    const bytes = await Deno.readFile(FOLDER + name);
    await assert.rejects(decodeBytes(bytes.subarray(0, bytes.length * 0.7), "photo"), {
      name: "InputError",
      message: /^Cannot read photo: it is a damaged picture, or none that is known \(.+\)$/,
    }, name);
  }
});

Deno.test("decode() names a file that is no picture", async () => {
  await assert.rejects(decodeBytes(new TextEncoder().encode("<html>"), "photo"), {
    name: "InputError",
    message: /^Cannot read photo: it is a damaged picture/,
  });
  await assert.rejects(decodeBytes(new Uint8Array(0), "photo"), { name: "InputError" });
});

Deno.test("readHeader() tells the kind by content and the size before any rotation", async () => {
  const header = async (name: string) => await readHeader(await Deno.readFile(FOLDER + name), name);
  assert.deepEqual(await header("gif_named.jpg"), { format: "gif", width: 11, height: 7 });
  assert.deepEqual(await header("exif_rotated.jpg"), {
    format: "jpeg",
    width: 11,
    height: 7,
    orientation: 6,
  });
});

Deno.test("encodePng() writes what decode() reads, the same bytes every time", async () => {
  const picture = blankPicture(5, 3);
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = (i * 37) & 255;
  const path = await Deno.makeTempFile({ suffix: ".png" });
  try {
    await encodePng(picture, path);
    assert.deepEqual(await decode(path), picture);
    assert.deepEqual(new Uint8Array(await pngBytes(picture)), await Deno.readFile(path));
  } finally {
    await Deno.remove(path);
  }
});

function hex({ data }: Picture): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
