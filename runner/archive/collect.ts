/**
 * Which results belong to a run, and what they consist of.
 *
 * @module
 */
import type { EarlierRecords } from "../explain/earlier_records.ts";
import { chooseMaker, inputsOf } from "../explain/provenance.ts";
import type { ActionRecord } from "../plan/record.ts";
import { encodeRecord } from "../store/records.ts";
import { statIfThere } from "../store/files.ts";
import type { Store } from "../store/store.ts";
import type { EntryToWrite } from "./write_archive.ts";
import { contentEntry, recordEntry } from "./manifest.ts";
import { digestBytes } from "../store/digest.ts";

/** A stage of what is exported, and the key of its result. */
export interface Wanted {
  id: string;
  key: string;
  /** What a plan has found, perhaps under another key; else it is looked for. */
  record?: ActionRecord;
}

/** Whose files come along: of all results, or of those only that no other is made from. */
export type Outputs = "all" | "final";

/** A result to export. */
export interface ExportedResult {
  id: string;
  record: ActionRecord;
  /** Whether the files of its outputs come along. */
  files: boolean;
}

/**
 * Finds the results of stages and, where other stages than these made their inputs, those too, up to
 * what came from outside.
 *
 * @returns the results by key, and the stages of which nothing, or not all, is in the store
 */
export function collectResults(
  store: Pick<Store, "getRecord">,
  earlier: Pick<EarlierRecords, "makersOf">,
  wanted: Wanted[],
  outputs: Outputs,
): { results: ExportedResult[]; missing: string[] } {
  const found = new Map<string, { id: string; record: ActionRecord }>();
  const missing: string[] = [];
  const made = new Set<string>();
  const add = ({ id, key, record = store.getRecord(key) }: Wanted): void => {
    if (found.has(key)) return;
    if (record === undefined) {
      missing.push(id);
      return;
    }
    found.set(key, { id, record });
    for (const tree of Object.values(record.outputs)) made.add(tree);
  };
  wanted.forEach(add);
  const preferred = new Set(found.keys());
  const used = new Set<string>();
  for (const { record } of found.values()) { // grows meanwhile
    for (const { digest } of inputsOf(record)) {
      used.add(digest);
      if (made.has(digest)) continue;
      const maker = chooseMaker(earlier.makersOf(digest), record, preferred);
      if (maker) add({ id: maker.madeBy.id, key: maker.key });
    }
  }
  const isFinal = (record: ActionRecord) =>
    !Object.values(record.outputs).some((tree) => used.has(tree));
  const results = [...found.values()].map(({ id, record }) => ({
    id,
    record,
    files: outputs === "all" || isFinal(record),
  }));
  results.sort((a, b) => a.record.key < b.record.key ? -1 : 1);
  return { results, missing };
}

/** Entries of records, in the order of the results. */
export function recordEntries(results: ExportedResult[]): EntryToWrite[] {
  return results.map(({ record }) => textEntry(recordEntry(record.key), encodeRecord(record)));
}

/** Entries of contents, sorted: files of outputs, the lists of these, logs. */
export function contentEntries(store: Store, results: ExportedResult[]): EntryToWrite[] {
  const sizes = new Map<string, number>();
  const addIfThere = (digest: string) => {
    const size = statIfThere(store.objectPath(digest))?.size;
    if (size !== undefined) sizes.set(digest, size);
  };
  for (const { record, files } of results) {
    addIfThere(record.log); // a result without its log is as good
    for (const tree of files ? Object.values(record.outputs) : []) {
      addIfThere(tree);
      for (const { digest, size } of store.peekTree(tree)?.files ?? []) sizes.set(digest, size);
    }
  }
  return [...sizes].sort(([a], [b]) => a < b ? -1 : 1).map(([digest, size]) => ({
    name: contentEntry(digest),
    size,
    digest,
    source: { path: store.objectPath(digest) },
  }));
}

/** An entry with this text. */
export function textEntry(name: string, text: string): EntryToWrite {
  const source = new TextEncoder().encode(text);
  return { name, size: source.length, digest: digestBytes(source), source };
}
