/**
 * PyTorch's zip format, since version 1.6: a pickle, and an entry for each storage.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { Value } from "../stored_tensor.ts";
import type { Stretch } from "../stretch.ts";
import { entryBytes, type ZipEntry } from "../zip_entries.ts";
import type { Item } from "./pickle.ts";
import { readValue } from "./read_pickle.ts";
import { Storage, StorageType } from "./storage.ts";

/** The entry that every checkpoint has, in a folder of any name. */
const PICKLE = /^([^/]+\/)?data\.pkl$/;

/** Whether an archive is a checkpoint. */
export function isTorchZip(entries: Map<string, ZipEntry>): boolean {
  return [...entries.keys()].some((name) => PICKLE.test(name));
}

/** Reads what a checkpoint holds. @throws {InputError} with the file and the place */
export async function readTorchZip(
  archive: Stretch,
  entries: Map<string, ZipEntry>,
): Promise<Value> {
  const { file } = archive;
  const pickles = [...entries.keys()].filter((name) => PICKLE.test(name));
  if (pickles.length !== 1) {
    throw new InputError(
      `Cannot read ${file}: expected one data.pkl, found ${pickles.slice(0, 3).join(", ")}`,
    );
  }
  const folder = pickles[0].slice(0, -"data.pkl".length);
  const stored = (name: string): ZipEntry | undefined => {
    const entry = entries.get(folder + name);
    if (entry !== undefined && entry.method !== 0) {
      throw new InputError(
        `Cannot read ${file}: its entry "${entry.name}" is compressed, which PyTorch never does; ` +
          "unpack the archive and pack it again with zip -0",
      );
    }
    return entry;
  };
  const bytesOf = async (entry: ZipEntry) => await entryBytes(archive, entry);

  const order = stored("byteorder");
  const bigEndian = order !== undefined && await isBig(await bytesOf(order));
  const pickle = stored("data.pkl");
  if (pickle === undefined) throw new TypeError(`Cannot find the pickle of ${file}`);

  const persistent = (id: Item): Item => {
    const { type, key, count } = reference(id);
    const entry = stored(`data/${key}`);
    const bytes = count * type.elementSize;
    if (entry === undefined) throw new RangeError(`the storage "${key}" is missing`);
    if (bytes > entry.size) {
      throw new RangeError(`the storage "${key}" has ${entry.size} bytes, expected ${bytes}`);
    }
    return new Storage(type, bytes, () => bytesOf(entry), bigEndian);
  };
  return readValue(await bytesOf(pickle), 0, persistent).value;
}

async function isBig(record: Stretch): Promise<boolean> {
  const text = new TextDecoder().decode(await record.read(0, Math.min(record.size, 16)));
  if (text === "big") return true;
  if (text === "little") return false;
  throw new InputError(
    `Cannot read ${record.file}: its byte order is "${text}", expected little or big`,
  );
}

/** A storage as a pickle refers to it. */
export interface Reference {
  type: StorageType;
  key: string;
  /** Elements. */
  count: number;
  /** What the legacy format puts behind: a storage may be a part of another. */
  view: Item;
}

/**
 * Reads `("storage", class, key, device, count)`. The device does not matter: numbers are numbers.
 *
 * @throws {RangeError} if it is something else
 */
export function reference(id: Item): Reference {
  if (Array.isArray(id) && id[0] === "storage") {
    const [, type, key, , count, view = null] = id;
    if (
      type instanceof StorageType && typeof key === "string" && typeof count === "number" &&
      Number.isSafeInteger(count) && count >= 0
    ) return { type, key, count, view };
  }
  throw new RangeError("its pickle refers to something that is no storage of plain numbers");
}
