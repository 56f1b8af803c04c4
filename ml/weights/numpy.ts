/**
 * Reads NumPy's files: .npy, one array, and .npz, a zip archive of such.
 *
 * Source: `numpy.lib.format`, versions 1 to 3. Arrays of Python objects are pickles, and refused.
 *
 * @module
 */
import { constants, crc32, inflateRawSync } from "node:zlib";
import { InputError } from "../image/input_error.ts";
import { type DType, sizeOf } from "./dtypes.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import type { Stretch } from "./stretch.ts";
import { type Bytes, countOf, rowMajor } from "./strided.ts";
import { viewTensor } from "./view_tensor.ts";
import { entryBytes, type ZipEntry } from "./zip_entries.ts";

/** NumPy's names of number types, without the byte order. */
const DTYPES: Record<string, DType> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  i2: "int16",
  i1: "int8",
  u8: "uint64",
  u4: "uint32",
  u2: "uint16",
  u1: "uint8",
  b1: "bool",
  c8: "complex64",
  c16: "complex128",
};

/** Longest header that is read; NumPy's own limit for files that nobody vouches for. */
const MAX_HEADER = 10_000;

/** Bytes of a file that are sure to hold a whole header, packed or not. */
const START = 2 ** 16;

/** No more than this is unpacked to find a header; deflate makes 64 KiB at most 66 MiB. */
const MAX_START = 2 ** 27;

/** Whether a file is an array of NumPy's. @param start its first bytes */
export function isNpy(start: Uint8Array): boolean {
  return String.fromCharCode(...start.subarray(0, 6)) === "\x93NUMPY";
}

/** Whether an archive holds arrays. */
export function isNpz(entries: Map<string, ZipEntry>): boolean {
  return [...entries.keys()].some((name) => name.endsWith(".npy"));
}

/** Reads a .npy file. @throws {InputError} with the file and the place */
export async function readNpy(file: Stretch): Promise<StoredTensor> {
  const header = await file.read(0, Math.min(file.size, START));
  return arrayOf(header, file.size, () => file, failing(file.file, "the array"));
}

/** Reads a .npz file: arrays by their names. @throws {InputError} with the file and the place */
export async function readNpz(
  archive: Stretch,
  entries: Map<string, ZipEntry>,
): Promise<Map<string, StoredTensor>> {
  const tree = new Map<string, StoredTensor>();
  for (const entry of entries.values()) {
    if (!entry.name.endsWith(".npy")) continue;
    const name = entry.name.slice(0, -".npy".length);
    const fail = failing(archive.file, `"${name}"`);
    if (entry.method !== 0 && entry.method !== 8) fail(`is packed by the method ${entry.method}`);
    const packed = await entryBytes(archive, entry);
    const start = await packed.read(0, Math.min(packed.size, START));
    const header = entry.method === 0 ? start : unpack(start, MAX_START, fail, true);
    const find = async () => inMemory(await contentOf(packed, entry, fail));
    tree.set(name, arrayOf(header, entry.size, find, fail));
  }
  return tree;
}

/** All of an entry, unpacked and by its checksum what was once packed. */
async function contentOf(
  packed: Stretch,
  { method, size, crc32: sum }: ZipEntry,
  fail: Fail,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await packed.read();
  const content = method === 0 ? bytes : unpack(bytes, size, fail);
  if (content.length !== size) fail(`has ${content.length} bytes, expected ${size}`);
  if (crc32(content) !== sum) fail("is damaged: its checksum is wrong");
  return content;
}

/** @param part whether the end may be missing */
function unpack(
  bytes: Uint8Array,
  most: number,
  fail: Fail,
  part = false,
): Uint8Array<ArrayBuffer> {
  const finishFlush = part ? constants.Z_SYNC_FLUSH : constants.Z_FINISH;
  try {
    // The copy begins with its buffer, as readers of numbers expect.
    return new Uint8Array(inflateRawSync(bytes, { finishFlush, maxOutputLength: most + 1 }));
  } catch (error) {
    return fail(`is damaged (${error instanceof Error ? error.message : error})`);
  }
}

function inMemory(content: Uint8Array<ArrayBuffer>): Bytes {
  return { read: (offset, size) => Promise.resolve(content.slice(offset, offset + size)) };
}

type Fail = (what: string) => never;

function failing(file: string, name: string): Fail {
  return (what) => {
    throw new InputError(`Cannot read ${file}: ${name} ${what}`);
  };
}

/**
 * The array behind a header: `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`.
 *
 * @param start bytes with the whole header
 * @param size bytes of header and numbers
 */
function arrayOf(
  start: Uint8Array<ArrayBuffer>,
  size: number,
  find: () => Bytes | Promise<Bytes>,
  fail: Fail,
): StoredTensor {
  if (!isNpy(start) || start.length < 12) return fail("has no header of NumPy's");
  const view = new DataView(start.buffer);
  const first = view.getUint8(6) === 1 ? 10 : 12;
  const length = first === 10 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) fail(`has a header of ${length} bytes, expected at most ${MAX_HEADER}`);
  const begin = first + length;
  if (begin > start.length) fail("is cut off in its header");
  const text = new TextDecoder().decode(start.subarray(first, begin));

  const descr = /'descr':\s*'([<>|=]?)([a-zA-Z]\d*)'/.exec(text);
  if (descr === null || !Object.hasOwn(DTYPES, descr[2])) {
    return fail(
      `holds other things than plain numbers: ${printable(text)}; ` +
        "save it as an array of floats or integers",
    );
  }
  const dtype = DTYPES[descr[2]];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  if (order === undefined || sizes === undefined) return fail(`has the header ${printable(text)}`);
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  const bytes = countOf(shape) * sizeOf(dtype);
  if (begin + bytes !== size) {
    return fail(`${dtype} [${shape}] needs ${bytes} bytes, found ${size - begin}`);
  }
  const stride = order === "True" ? rowMajor(shape.toReversed()).reverse() : rowMajor(shape);
  const numbers = {
    size: bytes,
    find: async (): Promise<Bytes> => {
      const all = await find();
      return { read: (offset, length) => all.read(begin + offset, length) };
    },
    bigEndian: descr[1] === ">",
  };
  try {
    return viewTensor(numbers, { offset: 0, shape, stride }, dtype);
  } catch (error) {
    if (error instanceof RangeError) return fail(error.message);
    throw error;
  }
}

function printable(text: string): string {
  return text.trim().slice(0, 100).replace(/[^\x20-\x7E]/g, "?");
}
