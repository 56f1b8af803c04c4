/**
 * Reads tables that MATLAB has saved: MAT-files of version 5, which `save -v6` and `-v7` write.
 *
 * Numbers, text, cell arrays and structs; what else a file may hold is passed over. Nothing in the
 * file is believed: sizes are held against the bytes that are there.
 * Source: MathWorks, "MAT-File Level 5 File Format".
 *
 * @module
 */
import { inflateSync } from "node:zlib";
import { InputError } from "../image/input_error.ts";

/** A value; `dims` are its rows, columns and so on, elements stand column after column. */
export type MatValue =
  | { kind: "numbers"; dims: number[]; values: Float64Array }
  | { kind: "text"; dims: number[]; text: string }
  | { kind: "cells"; dims: number[]; cells: MatValue[] }
  | { kind: "structs"; dims: number[]; structs: Record<string, MatValue>[] }
  | { kind: "other" };

const HEADER = 128;
const MATRIX = 14, COMPRESSED = 15, UTF8 = 16;
/** Kinds of arrays. */
const CELL = 1, STRUCT = 2, CHAR = 4, DOUBLE = 6, UINT64 = 15;
/** Most bytes that a compressed variable may grow to, and how deep values may nest. */
const MAX_BYTES = 2 ** 28, MAX_DEPTH = 16;

type Read = (view: DataView, at: number, little: boolean) => number;
/** Bytes of a number of each type, and how to read it; 17 and 18 are characters. */
const NUMBERS: Readonly<Record<number, readonly [size: number, read: Read]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at, little) => view.getInt16(at, little)],
  4: [2, (view, at, little) => view.getUint16(at, little)],
  5: [4, (view, at, little) => view.getInt32(at, little)],
  6: [4, (view, at, little) => view.getUint32(at, little)],
  7: [4, (view, at, little) => view.getFloat32(at, little)],
  9: [8, (view, at, little) => view.getFloat64(at, little)],
  12: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  13: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  17: [2, (view, at, little) => view.getUint16(at, little)],
  18: [4, (view, at, little) => view.getUint32(at, little)],
};

/** A piece of the file. */
interface Element {
  type: number;
  data: Uint8Array;
}

/** What reading a file takes. */
interface Context {
  little: boolean;
  /** Says that the file is damaged. */
  fail(reason: string): never;
}

/**
 * The variables of a MAT-file.
 *
 * @param name how messages call the file
 * @throws {InputError} if the bytes are no such file, or a damaged one
 */
export function readMat(bytes: Uint8Array, name: string): Map<string, MatValue> {
  const fail = (reason: string): never => {
    throw new InputError(`Cannot read ${name}: it is a damaged MAT-file (${reason})`);
  };
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, HEADER));
  if (head.startsWith("MATLAB 7.3")) {
    throw new InputError(
      `Cannot read ${name}: it is a MAT-file of version 7.3; save it with -v7 in MATLAB`,
    );
  }
  if (!/^MATLAB 5\.0 MAT-file[^]*(IM|MI)$/.test(head)) {
    throw new InputError(`Cannot read ${name}: expected a MAT-file of version 5`);
  }
  const context: Context = { little: head.endsWith("IM"), fail };
  const variables = new Map<string, MatValue>();
  for (const { type, data } of elements(bytes.subarray(HEADER), context)) {
    const [inner] = type === COMPRESSED
      ? elements(inflate(data, context), context)
      : [{ type, data }];
    if (inner?.type !== MATRIX) continue;
    const variable = readMatrix(inner.data, context, 0);
    variables.set(variable.name, variable.value);
  }
  return variables;
}

/** The elements that stand one after the other in `bytes`. */
function* elements(bytes: Uint8Array, { little, fail }: Context): Generator<Element> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length) fail("it ends within an element");
    const word = view.getUint32(at, little);
    // Up to four bytes stand right behind a type and a length of two bytes each.
    const small = word >>> 16 !== 0;
    const type = small ? word & 0xFFFF : word;
    const length = small ? word >>> 16 : view.getUint32(at + 4, little);
    const from = at + (small ? 4 : 8);
    if (from + length > bytes.length || (small && length > 4)) {
      fail(`an element of ${length} bytes does not fit in`);
    }
    yield { type, data: bytes.subarray(from, from + length) };
    const end = small ? at + 8 : from + length;
    at = type === COMPRESSED ? end : at + Math.ceil((end - at) / 8) * 8;
  }
}

function inflate(data: Uint8Array, { fail }: Context): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function readMatrix(
  data: Uint8Array,
  context: Context,
  depth: number,
): { name: string; value: MatValue } {
  // An element of no bytes is an empty array without a name.
  if (data.length === 0) return { name: "", value: empty() };
  const { fail } = context;
  if (depth > MAX_DEPTH) fail(`values nest deeper than ${MAX_DEPTH}`);
  const parts = elements(data, context);
  const next = (): Element => {
    const { value, done } = parts.next();
    return done ? fail("an array ends early") : value;
  };
  const [flags = 0] = numbers(next(), context);
  const dims = [...numbers(next(), context)];
  const name = text(next(), context);
  const count = dims.reduce((product, n) => product * n, 1);
  if (!dims.every((n) => Number.isInteger(n) && n >= 0) || !(count <= data.length)) {
    fail(`"${name}" claims to be ${dims.join("x")} large`);
  }
  const value = (): MatValue => {
    const { type, data } = next();
    if (type !== MATRIX) fail(`"${name}" holds an element of type ${type}`);
    return readMatrix(data, context, depth + 1).value;
  };
  const kind = flags & 0xFF;
  if (kind === CELL) {
    return { name, value: { kind: "cells", dims, cells: Array.from({ length: count }, value) } };
  }
  if (kind === STRUCT) {
    const [length = 0] = numbers(next(), context);
    const fields = fieldNames(next(), length, context);
    const structs = Array.from(
      { length: count },
      () => Object.fromEntries(fields.map((field) => [field, value()])),
    );
    return { name, value: { kind: "structs", dims, structs } };
  }
  if (kind === CHAR) return { name, value: { kind: "text", dims, text: text(next(), context) } };
  if (kind < DOUBLE || kind > UINT64) return { name, value: { kind: "other" } };
  const values = numbers(next(), context);
  if (values.length !== count) fail(`"${name}" has ${values.length} numbers, not ${count}`);
  return { name, value: { kind: "numbers", dims, values } };
}

function numbers({ type, data }: Element, { little, fail }: Context): Float64Array {
  const [size, read] = NUMBERS[type] ?? fail(`numbers of type ${type}`);
  if (data.length % size !== 0) fail(`${data.length} bytes of numbers of ${size} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Float64Array.from({ length: data.length / size }, (_, i) => read(view, i * size, little));
}

function text(element: Element, context: Context): string {
  if (element.type === UTF8) return new TextDecoder().decode(element.data);
  return Array.from(numbers(element, context), (code) => {
    if (!(code >= 0 && code <= 0x10FFFF)) return context.fail(`a character with the code ${code}`);
    return code > 0xFFFF ? String.fromCodePoint(code) : String.fromCharCode(code);
  }).join("");
}

/** Names in fields of one length, filled up with zeros. */
function fieldNames(element: Element, length: number, context: Context): string[] {
  const { data } = element;
  if (!(length > 0) || data.length % length !== 0) {
    context.fail("the names of fields do not fit in");
  }
  return Array.from({ length: data.length / length }, (_, i) => {
    const name = data.subarray(i * length, (i + 1) * length);
    const end = name.indexOf(0);
    return new TextDecoder("latin1").decode(end < 0 ? name : name.subarray(0, end));
  });
}

function empty(): MatValue {
  return { kind: "numbers", dims: [0, 0], values: new Float64Array(0) };
}
