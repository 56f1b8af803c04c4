import { encode } from "fast-png";
import assert from "node:assert/strict";
import { pngBytes } from "../../../ml/image/codec.ts";
import { decodeMask, decodeMaskBytes, encodeMask, maskBytes } from "../../../ml/image/mask.ts";
import { blankPicture } from "../../../ml/image/picture.ts";
import { temporaryFolder } from "../data/temporary_folder.ts";

// Written by Pillow: 0 1 1 0 1 / 1 0 0 1 1 / 0 0 1 0 1, times a factor.
const STORED = {
  "palette of 1 bit": {
    factor: 1,
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQMAAABh+Fe7AAAABlBMVEUAAADICgog4X+jAAAADklEQVR4nGPIYJjB" +
      "oAEAA/4BKfB4HGQAAAAASUVORK5CYII=",
  },
  "palette of 2 bits": {
    factor: 3,
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEUAAADICgoKyAoKCsh2wpKGAAAAEUlEQVR4" +
      "nGOwOcBw+AADzwEADtADTP5oXUYAAAAASUVORK5CYII=",
  },
  "palette of 4 bits": {
    factor: 13,
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADBAMAAACpGNjLAAAAMFBMVEUAAADICgoKyAoKCsgAAADICgoKyAoKCsgA" +
      "AADICgoKyAoKCsgAAADICgoKyAoKCsjXSiOSAAAAFElEQVR4nGPgvXCB4QLvBQaGCxcAHIkE+21zldsAAAAASUVO" +
      "RK5CYII=",
  },
  "grey of 1 bit": {
    factor: 1,
    png:
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAQAAAABzTfhVAAAADklEQVR4nGPIYDJg0AAAAs4AwwUySFgAAAAASUVO" +
      "RK5CYII=",
  },
};
const WIDE =
  "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADEAAAAAAuzUZnAAAAHklEQVR4nGNgYGDUYdRhYGDUYWDUYWCAcRkYGCCi" +
  "ABcwAWmfkFGSAAAAAElFTkSuQmCC";
const MASK = {
  width: 5,
  height: 3,
  data: Uint8Array.of(0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1),
};

for (const [what, { factor, png }] of Object.entries(STORED)) {
  Deno.test(`decodeMaskBytes() reads numbers: ${what}`, () => {
    const expected = { ...MASK, data: MASK.data.map((value) => value * factor) };
    assert.deepEqual(decodeMaskBytes(bytes(png), "a.png"), expected);
  });
}

Deno.test("decodeMaskBytes() reads the numbers of a palette of 8 bits, interlaced or not", () => {
  const palette = Array.from({ length: 256 }, (_, i) => [255 - i, i, 7]);
  const data = Uint8Array.from({ length: 9 * 7 }, (_, i) => i * 4);
  for (const interlace of ["null", "Adam7"] as const) {
    const png = encode({ width: 9, height: 7, channels: 1, data, palette }, { interlace });
    assert.deepEqual(decodeMaskBytes(png, "a.png"), { width: 9, height: 7, data }, interlace);
  }
});

Deno.test("decodeMaskBytes() reads grey values of 2 bits as they are", () => {
  const data = Uint8Array.of(0b00011011, 0b11000000);
  const png = encode({ width: 5, height: 1, channels: 1, depth: 2, data });
  assert.deepEqual([...decodeMaskBytes(png, "a.png").data], [0, 1, 2, 3, 3]);
});

Deno.test("a mask comes back from its file as it was", async () => {
  await using dir = await temporaryFolder();
  const mask = { ...MASK, data: MASK.data.map((value) => value * 255) };
  await encodeMask(mask, `${dir.path}/a.png`);
  assert.deepEqual(await decodeMask(`${dir.path}/a.png`), mask);
  assert.deepEqual(await Deno.readFile(`${dir.path}/a.png`), maskBytes(mask));
});

Deno.test("what cannot be a mask is refused by name", async () => {
  const expected = "; expected a PNG file with a palette, " +
    "or with grey values of at most 8 bits, whose values are classes";
  const colours = await pngBytes(blankPicture(4, 4));
  assert.equal(refusal(colours), "Cannot use a.png as a mask: it holds colours" + expected);
  const wide = bytes(WIDE);
  assert.equal(
    refusal(wide),
    "Cannot use a.png as a mask: it holds grey values of 16 bits" + expected,
  );
  const text = new TextEncoder().encode("GIF89a but not really, long enough for a header");
  assert.equal(refusal(text), "Cannot read a.png: expected a mask in a PNG file");
  assert.equal(refusal(new Uint8Array(0)), "Cannot read a.png: expected a mask in a PNG file");
  const large = maskBytes(MASK);
  large[16] = 4; // the upper byte of the width
  assert.equal(refusal(large), "Cannot read a.png: 67108869x3 pixels are more than 178956970");
  const woven = bytes(STORED["grey of 1 bit"].png);
  woven[28] = 1;
  assert.equal(
    refusal(woven),
    "Cannot use a.png as a mask: it is interlaced with 1 bits a pixel; " +
      "save it without interlacing",
  );
  await assert.rejects(decodeMask("/nowhere/a.png"), {
    name: "InputError",
    message: "Cannot read /nowhere/a.png: no such file",
  });
});

Deno.test("a damaged mask is refused wherever it ends or a bit is wrong", () => {
  const whole = maskBytes({ width: 40, height: 30, data: noise(1200) });
  for (let length = 29; length < whole.length; length += 37) {
    assert.match(refusal(whole.subarray(0, length)), /^Cannot read a\.png: it is a damaged PNG \(/);
  }
  for (let at = 45; at < whole.length - 12; at += 101) {
    const flipped = whole.slice();
    flipped[at] ^= 4;
    assert.match(refusal(flipped), /^Cannot read a\.png: it is a damaged PNG \(/);
  }
});

function refusal(png: Uint8Array): string {
  try {
    decodeMaskBytes(png, "a.png");
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "InputError", String(error));
    return error.message;
  }
  assert.fail("expected a refusal");
}

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7919) % 251);
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
