/**
 * Remembers what pipeline files mean: reading and checking a thousand stages takes longer than
 * finding out that none of them has anything to do.
 *
 * A file's meaning is remembered with the digest of its text and of the programs that made it out.
 *
 * @module
 */
import { join } from "node:path";
import { digestBytes, digestValue } from "../store/digest.ts";
import { readIfThere } from "../store/files.ts";
import type { Store } from "../store/store.ts";
import type { PipelineFile } from "./schema.ts";

/** What is remembered of files. */
export interface DocumentMemo {
  /** What a file with this text says; undefined if that is not known. @param path absolute */
  get(path: string, text: string): PipelineFile | undefined;
  /** @param file what the schema made of the text */
  set(path: string, text: string, file: PipelineFile): void;
}

/** A memory in a store's cache. */
export function documentMemo(store: Pick<Store, "readCache" | "writeCache">): DocumentMemo {
  const nameOf = (path: string) => `documents/${digestBytes(path)}.json`;
  return {
    get(path, text) {
      const known = store.readCache(nameOf(path));
      if (known?.slice(0, 64) !== digestOf(text)) return undefined;
      return JSON.parse(known.slice(64));
    },
    set(path, text, file) {
      const json = JSON.stringify(file);
      if (!isSame(JSON.parse(json), file)) return; // e.g. .nan, which JSON cannot say
      store.writeCache(nameOf(path), digestOf(text) + json);
    },
  };
}

function digestOf(text: string): string {
  return digestValue([makers(), digestBytes(text)]);
}

let made: string | undefined;

/** Digest of what turns a text into a {@link PipelineFile}: the modules, and the versions of packages. */
function makers(): string {
  if (made !== undefined) return made;
  const own = ["source.ts", "check_document.ts", "schema.ts"].map((name) =>
    join(import.meta.dirname!, name)
  );
  const locks = ["deno.lock", "deno.json"].map((name) => join(import.meta.dirname!, "../..", name));
  made = digestValue([...own, ...locks].map((path) => readIfThere(path) ?? null));
  return made;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length &&
    left.every(([key, value], i) => key === right[i][0] && isSame(value, right[i][1]));
}
