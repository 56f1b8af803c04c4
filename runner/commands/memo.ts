/**
 * A memory of checked values that outlives the process, in the store's cache.
 *
 * @module
 */
import type { Store } from "../store/store.ts";

/** Name in the store's cache. */
const NAME = "options.json";

/** So many values are kept, the last used ones. */
const KEPT = 500;

/** What is remembered; JSON data under keys. */
export interface StoredMemo {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** Writes it down if it has changed. */
  save(): void;
}

/** Reads what the store remembers; an unreadable memory is an empty one. */
export function openMemo(store: Pick<Store, "readCache" | "writeCache">): StoredMemo {
  const before = store.readCache(NAME);
  const values = new Map<string, unknown>(entriesOf(before));
  const used = new Set<string>();
  return {
    get(key) {
      if (values.has(key)) used.add(key);
      return values.get(key);
    },
    set(key, value) {
      values.set(key, value);
      used.add(key);
    },
    save() {
      const unused = [...values.keys()].filter((key) => !used.has(key));
      // Nothing new: the order alone is not worth a write.
      if (used.size + unused.length === entriesOf(before).length) return;
      const last = [...unused, ...used].slice(-KEPT);
      store.writeCache(NAME, JSON.stringify(last.map((key) => [key, values.get(key)])));
    },
  };
}

function entriesOf(text: string | undefined): [string, unknown][] {
  try {
    const entries: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}
