import assert from "node:assert/strict";
import { type MatValue, readMat } from "../../../ml/data/matlab.ts";

const FOLDER = new URL("./mat/", import.meta.url).pathname;
// Written by scipy.io.savemat; kinds.mat is not compressed, the others are.
const KINDS = await Deno.readFile(`${FOLDER}kinds.mat`);
const CARS = await Deno.readFile(`${FOLDER}cars_train_annos.mat`);

const numbers = (dims: number[], ...values: number[]): MatValue => ({
  kind: "numbers",
  dims,
  values: Float64Array.from(values),
});
const text = (text: string): MatValue => ({ kind: "text", dims: [1, text.length], text });

Deno.test("readMat() reads numbers of every type, text, cells and structs", () => {
  const inner: MatValue = {
    kind: "structs",
    dims: [1, 1],
    structs: [{ b: text("deep"), c: numbers([2, 2], 1, 3, 2, 4) }],
  };
  const cells = (...cells: MatValue[]): MatValue => ({
    kind: "cells",
    dims: [1, cells.length],
    cells,
  });
  assert.deepEqual(Object.fromEntries(readMat(KINDS, "kinds.mat")), {
    doubles: numbers([1, 3], 1.5, -2, 1e300),
    singles: numbers([1, 1], 0.5),
    bytes: numbers([2, 2], 1, 3, 2, 250), // column after column
    shorts: numbers([1, 1], -300),
    long: numbers([1, 1], 2 ** 40),
    logical: numbers([1, 2], 1, 0),
    complex: numbers([1, 1], 1), // the real part
    text: text("café €"),
    nothing: numbers([0, 0]),
    struct: { kind: "structs", dims: [1, 1], structs: [{ a: numbers([1, 1], 1.5), inner }] },
    cells: cells(numbers([1, 1], 7), text("x"), cells(text("y"))),
    sparse: { kind: "other" },
  });
});

Deno.test("readMat() reads compressed tables whose numbers change their type", () => {
  const annotations = readMat(CARS, "cars.mat").get("annotations");
  assert.ok(annotations?.kind === "structs");
  assert.deepEqual(annotations.dims, [1, 3]);
  assert.deepEqual(annotations.structs[0], {
    bbox_x1: numbers([1, 1], 39),
    bbox_y1: numbers([1, 1], 116),
    bbox_x2: numbers([1, 1], 569),
    bbox_y2: numbers([1, 1], 375),
    class: numbers([1, 1], 2),
    fname: text("00001.jpg"),
  });
});

Deno.test("readMat() reads files of machines that put the upper byte first", () => {
  const file = new Uint8Array(128 + 8 + 56);
  file.set(new TextEncoder().encode("MATLAB 5.0 MAT-file"));
  file.set([1, 0, 0x4D, 0x49], 124);
  const view = new DataView(file.buffer);
  const words = [14, 56, 6, 8, 6, 0, 5, 8, 1, 1, 0x00010001, 0x78000000, 9, 8];
  words.forEach((word, i) => view.setUint32(128 + 4 * i, word));
  view.setFloat64(128 + 4 * words.length, -2.5);
  assert.deepEqual(Object.fromEntries(readMat(file, "a.mat")), { x: numbers([1, 1], -2.5) });
});

Deno.test("readMat() says what else a file is", () => {
  const refusal = (start: string) => {
    const bytes = new TextEncoder().encode(start.padEnd(200));
    try {
      readMat(bytes, "a.mat");
    } catch (error) {
      assert.ok(error instanceof Error && error.name === "InputError");
      return error.message;
    }
  };
  assert.equal(
    refusal("MATLAB 7.3 MAT-file, Platform: GLNXA64"),
    "Cannot read a.mat: it is a MAT-file of version 7.3; save it with -v7 in MATLAB",
  );
  assert.equal(refusal("<html>"), "Cannot read a.mat: expected a MAT-file of version 5");
  assert.throws(() => readMat(new Uint8Array(0), "a.mat"), {
    name: "InputError",
    message: "Cannot read a.mat: expected a MAT-file of version 5",
  });
});

Deno.test("readMat() reads or refuses whatever ends early or has a wrong bit", () => {
  let read = 0, refused = 0;
  const attempt = (bytes: Uint8Array) => {
    try {
      readMat(bytes, "a.mat");
      read++;
    } catch (error) {
      assert.ok(error instanceof Error && error.name === "InputError", String(error));
      refused++;
    }
  };
  for (const whole of [KINDS, CARS]) {
    for (let length = 0; length < whole.length; length++) attempt(whole.subarray(0, length));
    for (let at = 128; at < whole.length; at++) {
      for (const bits of [1, 0x80, 0xFF]) {
        const changed = whole.slice();
        changed[at] ^= bits;
        attempt(changed);
      }
    }
  }
  assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
});

Deno.test("readMat() refuses values that nest without end", () => {
  // A cell array that holds a cell array, and so on.
  let value = Uint8Array.of();
  for (let depth = 0; depth < 40; depth++) value = cellOf(value);
  const file = new Uint8Array(128 + value.length);
  file.set(new TextEncoder().encode("MATLAB 5.0 MAT-file"));
  file.set([0, 1, 0x49, 0x4D], 124);
  file.set(value, 128);
  assert.throws(() => readMat(file, "a.mat"), {
    name: "InputError",
    message: "Cannot read a.mat: it is a damaged MAT-file (values nest deeper than 16)",
  });
});

/** An element with one cell. */
function cellOf(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const inner = content.length > 0 ? content : Uint8Array.from([14, 0, 0, 0, 0, 0, 0, 0]);
  const words = Uint32Array.of(14, 40 + inner.length, 6, 8, 1, 0, 5, 8, 1, 1, 1, 0);
  return Uint8Array.from([...new Uint8Array(words.buffer), ...inner]);
}
