/**
 * PyTorch's oldest format, of 2016: a tar archive of `storages`, `tensors` and `pickle`.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { StoredTensor, Value } from "../stored_tensor.ts";
import type { Stretch } from "../stretch.ts";
import { countedBytes } from "./legacy.ts";
import type { Item } from "./pickle.ts";
import { type Read, readItem, readValue } from "./read_pickle.ts";
import { MAX_DIMENSIONS } from "../strided.ts";
import { Storage, StorageType, tensorOf } from "./storage.ts";

/** Bytes of a block of a tar archive. */
const BLOCK = 512;

/** Most members that are looked at; a checkpoint has four. */
const MAX_MEMBERS = 100;

/** Whether a file begins like a tar archive. @param start its first 512 bytes */
export function isTar(start: Uint8Array): boolean {
  return text(start, 257, 5) === "ustar";
}

/** Reads what a checkpoint holds. @throws {InputError} with the file and the place */
export async function readTorchTar(archive: Stretch): Promise<Value> {
  const members = await tarMembers(archive);
  const member = (name: string): Stretch => {
    const found = members.get(name);
    if (found === undefined) {
      throw new InputError(
        `Cannot read ${archive.file}: it is a tar archive without "${name}", so no checkpoint of ` +
          "PyTorch; if it holds one, unpack it first",
      );
    }
    return found;
  };
  const storages = await readStorages(member("storages"));
  const tensors = await readTensors(member("tensors"), storages);
  return readValue(member("pickle"), 0, (id) => {
    const tensor = tensors.get(String(id));
    if (tensor === undefined) throw new RangeError(`there is no tensor "${id}"`);
    return tensor;
  }).value;
}

/** Storages by their keys: a count, and for each (key, device, class), a count and the numbers. */
async function readStorages(stretch: Stretch): Promise<Map<string, Storage>> {
  const storages = new Map<string, Storage>();
  let { value: count, end } = readCount(stretch, 0);
  for (; count > 0; count--) {
    const head = readItem(stretch, end);
    const [key, , type] = fields(stretch, head);
    if (!(type instanceof StorageType)) return wrong(stretch, head);
    const name = `the storage "${key}"`;
    const { place } = await countedBytes(stretch, head.end, type.elementSize, name);
    storages.set(String(key), new Storage(type, place.size, () => place));
    end = place.start + place.size - stretch.start;
  }
  const parts = readItem(stretch, end);
  for (const part of Array.isArray(parts.value) ? parts.value : wrong(stretch, parts)) {
    const [key, rootKey, offset, elements] = Array.isArray(part) ? part : [];
    const root = storages.get(String(rootKey));
    if (root === undefined || typeof offset !== "number" || typeof elements !== "number") {
      return wrong(stretch, parts);
    }
    const size = root.type.elementSize;
    const place = (await root.find()).part(offset * size, elements * size, `storage "${key}"`);
    storages.set(String(key), new Storage(root.type, place.size, () => place));
  }
  return storages;
}

/**
 * Tensors by their keys: a count, and for each (key, storage, class), the number of dimensions in 8
 * bytes, sizes, strides and offset as int64.
 */
async function readTensors(
  stretch: Stretch,
  storages: Map<string, Storage>,
): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  let { value: count, end } = readCount(stretch, 0);
  for (; count > 0; count--) {
    const head = readItem(stretch, end);
    const [key, storageKey] = fields(stretch, head);
    const storage = storages.get(String(storageKey));
    if (storage === undefined) return wrong(stretch, head);
    const name = `the tensor "${key}"`;
    const start = await stretch.part(head.end, 8, name).read();
    const dimensions = new DataView(start.buffer).getInt32(0, true);
    if (dimensions < 0 || dimensions > MAX_DIMENSIONS) return wrong(stretch, head);
    const length = 8 * (2 * dimensions + 1);
    const numbers = new BigInt64Array(
      (await stretch.part(head.end + 8, length, name).read()).buffer,
    );
    const all = Array.from(numbers, Number);
    const view = {
      shape: all.slice(0, dimensions),
      stride: all.slice(dimensions, 2 * dimensions),
      offset: all[2 * dimensions],
    };
    try {
      tensors.set(String(key), tensorOf(storage, view));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new InputError(`Cannot read ${stretch.file}: ${error.message}`, { cause: error });
    }
    end = head.end + 8 + length;
  }
  return tensors;
}

function readCount(stretch: Stretch, offset: number): Read<number> {
  const read = readItem(stretch, offset);
  if (typeof read.value !== "number") return wrong(stretch, read);
  return { value: read.value, end: read.end };
}

function fields(stretch: Stretch, read: Read<Item>): Item[] {
  return Array.isArray(read.value) ? read.value : wrong(stretch, read);
}

function wrong(stretch: Stretch, { end }: Read<Item>): never {
  throw new InputError(
    `Cannot read ${stretch.file}: its lists of storages and tensors do not fit together ` +
      `(before byte ${stretch.start + end}); the file is damaged`,
  );
}

/** Where the members of an archive are; only headers are read. */
async function tarMembers(archive: Stretch): Promise<Map<string, Stretch>> {
  const members = new Map<string, Stretch>();
  for (let at = 0; at + BLOCK <= archive.size && members.size < MAX_MEMBERS;) {
    const header = await archive.read(at, BLOCK);
    const name = text(header, 0, 100);
    if (name === "") break; // two empty blocks end an archive
    const size = tarSize(header);
    if (checksum(header) !== parseInt(text(header, 148, 8), 8) || size === undefined) {
      throw new InputError(
        `Cannot read ${archive.file}: byte ${at} has no header of a tar archive; it is damaged`,
      );
    }
    const content = archive.part(at + BLOCK, size, `the member "${name}"`);
    const isFile = header[156] === 0 || header[156] === 0x30;
    if (isFile) {
      if (members.has(name)) {
        throw new InputError(`Cannot read ${archive.file}: it has two members "${name}"`);
      }
      members.set(name, content);
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}

/** Octal digits, or, of large members, a number of 8 bytes with its first bit set. */
function tarSize(header: Uint8Array<ArrayBuffer>): number | undefined {
  const size = header[124] & 0x80
    ? Number(new DataView(header.buffer).getBigUint64(128, false))
    : parseInt(text(header, 124, 12), 8);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** The sum of a header's bytes, those of the sum itself counted as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

function text(bytes: Uint8Array, from: number, length: number): string {
  const field = String.fromCharCode(...bytes.subarray(from, from + length));
  return field.split("\0", 1)[0].trim();
}
