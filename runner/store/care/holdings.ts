/**
 * What a store holds, result by result: what it consists of, what it took to make.
 *
 * @module
 */
import { namesIn, readIfThere, statIfThere } from "../files.ts";
import { decodeRecord } from "../records.ts";
import { decodeTree } from "../tree.ts";

/** One stored result. */
export interface Holding {
  key: string;
  /** Which stage of which pipeline made it. */
  pipeline: string;
  id: string;
  /** What it took to make it. */
  seconds: number;
  /** When it came into this store, in milliseconds. */
  madeAt: number;
  /** When a run last had it, in milliseconds. */
  usedAt: number;
  /** Digests of its folders. */
  trees: string[];
  /** Digest of its log. */
  log: string;
  /** Size of its record in bytes. */
  recordBytes: number;
}

/** Path of a record in a store. */
export function recordPath(key: string): string {
  return `actions/${key.slice(0, 2)}/${key}.json`;
}

/** Calls back for every record file of a store, in the order of keys. */
export function* recordKeys(store: string): Generator<string> {
  for (const group of namesIn(`${store}/actions`)) {
    for (const name of namesIn(`${store}/actions/${group}`)) {
      if (/^[0-9a-f]{64}\.json$/.test(name)) yield name.slice(0, 64);
    }
  }
}

/**
 * Reads all records. Broken ones are left out: no run would use them.
 *
 * @param store absolute path
 * @param usedAt key → when a run last had it
 */
export function* readHoldings(
  store: string,
  usedAt: ReadonlyMap<string, number> = new Map(),
): Generator<Holding> {
  for (const key of recordKeys(store)) {
    const path = `${store}/${recordPath(key)}`;
    const text = readIfThere(path);
    const record = text === undefined ? undefined : decodeRecord(text, key);
    if (text === undefined || record === undefined) continue;
    const info = statIfThere(path);
    const madeAt = info?.mtime?.getTime() ?? 0;
    yield {
      key,
      pipeline: record.madeBy.pipeline,
      id: record.madeBy.id,
      seconds: record.seconds,
      madeAt,
      usedAt: Math.max(madeAt, usedAt.get(key) ?? 0),
      trees: record.bare ? [] : Object.values(record.outputs),
      log: record.log,
      recordBytes: info?.size ?? 0,
    };
  }
}

/** Digests and sizes of what results consist of; each folder's list is read once. */
export class Contents {
  readonly #trees = new Map<string, ReadonlyMap<string, number>>();

  /** @param store absolute path */
  constructor(readonly store: string) {}

  /** Object → bytes: all files, the lists of files themselves, the log. */
  of({ trees, log }: Pick<Holding, "trees" | "log">): Map<string, number> {
    const objects = new Map<string, number>();
    for (const tree of trees) {
      for (const [digest, size] of this.#tree(tree)) objects.set(digest, size);
    }
    const size = statIfThere(this.#path(log))?.size;
    if (size !== undefined) objects.set(log, size);
    return objects;
  }

  #tree(tree: string): ReadonlyMap<string, number> {
    const known = this.#trees.get(tree);
    if (known) return known;
    const objects = new Map<string, number>();
    const text = readIfThere(this.#path(tree));
    if (text !== undefined) {
      objects.set(tree, statIfThere(this.#path(tree))?.size ?? 0);
      for (const { digest, size } of filesIn(text)) objects.set(digest, size);
    }
    this.#trees.set(tree, objects);
    return objects;
  }

  #path(digest: string): string {
    return `${this.store}/objects/${digest.slice(0, 2)}/${digest}`;
  }
}

/** A broken list names nothing: no run would use what it names. */
function filesIn(text: string): { digest: string; size: number }[] {
  try {
    return decodeTree(text).files;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Bytes of results; what they share with one another counts once. */
export function bytesOf(holdings: Holding[], contents: Contents): number {
  const sizes = new Map(holdings.flatMap((holding) => [...contents.of(holding)]));
  const records = holdings.reduce((sum, { recordBytes }) => sum + recordBytes, 0);
  return [...sizes.values()].reduce((sum, size) => sum + size, records);
}
