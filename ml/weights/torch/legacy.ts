/**
 * PyTorch's legacy format, from 2017 to version 1.5: pickles in a row, then the storages' bytes.
 *
 * The pickles are a magic number, the format's version, facts of the machine, the contents, and the
 * storages' keys; for each key follow an int64 count and the numbers, always little-endian.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { Value } from "../stored_tensor.ts";
import type { Stretch } from "../stretch.ts";
import type { Item } from "./pickle.ts";
import { readItem, readValue } from "./read_pickle.ts";
import { Storage, type StorageType } from "./storage.ts";
import { reference } from "./zip.ts";

const MAGIC = 0x1950A86A20F9469CFC6Cn;

const VERSION = 1001;

/** A storage whose place is known once the pickles have been read. */
interface Root {
  type: StorageType;
  count: number;
  place?: Stretch;
}

/** Reads what a checkpoint holds. @throws {InputError} with the file and the place */
export async function readTorchLegacy(file: Stretch): Promise<Value> {
  const fail = (what: string): never => {
    throw new InputError(`Cannot read ${file.file}: ${what}`);
  };
  const magic = readItem(file);
  if (magic.value !== MAGIC) fail("it is a pickle, but not one that PyTorch's torch.save made");
  const version = readItem(file, magic.end);
  if (version.value !== VERSION) fail(`expected the format's version ${VERSION}`);
  const system = readItem(file, version.end);

  const roots = new Map<string, Root>();
  const persistent = (id: Item): Item => {
    const { type, key, count, view } = reference(id);
    const root = roots.get(key) ?? { type, count };
    if (root.count !== count || root.type.elementSize !== type.elementSize) {
      throw new RangeError(`the storage "${key}" is described twice, and differently`);
    }
    roots.set(key, root);
    const { offset, count: part } = viewOf(view) ?? { offset: 0, count };
    if (offset + part > count) throw new RangeError(`a part of the storage "${key}" is beyond it`);
    const size = type.elementSize;
    return new Storage(type, part * size, () => {
      if (root.place === undefined) throw new TypeError(`Storage "${key}" has no place`);
      return root.place.part(offset * size, part * size, `the storage "${key}"`);
    });
  };
  const contents = readValue(file, system.end, persistent);

  const keys = readItem(file, contents.end);
  if (!Array.isArray(keys.value)) return fail("it has no list of storages");
  let at = keys.end;
  for (const key of keys.value) {
    const root = typeof key === "string" ? roots.get(key) : undefined;
    if (root === undefined) return fail(`it has a storage that no tensor uses at byte ${at}`);
    const name = `the storage "${key}"`;
    const { place, count } = await countedBytes(file, at, root.type.elementSize, name);
    if (count !== root.count) fail(`${name} has ${count} elements, expected ${root.count}`);
    root.place = place;
    at = place.start + place.size - file.start;
  }
  for (const [key, root] of roots) {
    if (root.place === undefined) fail(`the numbers of the storage "${key}" are missing`);
  }
  return contents.value;
}

/**
 * A count of elements as int64, and the bytes behind it.
 *
 * @param size bytes of an element
 */
export async function countedBytes(
  stretch: Stretch,
  at: number,
  size: number,
  name: string,
): Promise<{ count: number; place: Stretch }> {
  const head = await stretch.part(at, 8, name).read();
  const count = Number(new DataView(head.buffer).getBigInt64(0, true));
  return { count, place: stretch.part(at + 8, count * size, name) };
}

/** Reads `(key, offset, count)`, in elements. */
function viewOf(view: Item): { offset: number; count: number } | undefined {
  if (view === null) return undefined;
  const [, offset, count] = Array.isArray(view) ? view : [];
  if (!isCount(offset) || !isCount(count)) {
    throw new RangeError("a part of a storage is described wrongly");
  }
  return { offset, count };
}

function isCount(item: Item): item is number {
  return typeof item === "number" && Number.isSafeInteger(item) && item >= 0;
}
