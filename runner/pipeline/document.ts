/**
 * A pipeline file with all it extends: one merged mapping that remembers which file said what.
 *
 * @module
 */
import { dirname, relative } from "node:path";
import { type Place, UserError } from "../diagnostic.ts";
import type { DocumentMemo } from "./document_memo.ts";
import type { At, Mistakes } from "./mistakes.ts";
import type { PipelineFile } from "./schema.ts";
import { valueAt } from "./schema_walk.ts";
import { besideFile, readSource, showPath, type Source } from "./source.ts";

/** A value given on the command line. */
export interface Setting {
  /** Path in the params. */
  path: string[];
  value: unknown;
  /** Where the value stands in the argument. */
  place: Place;
}

/** Params that an including file lays over a document's. */
export interface Given {
  /** Whose they are, e.g. `include "det"`. */
  owner: string;
  params: Record<string, unknown>;
  /** Where one of them was written. @param at its path is one in `params` */
  find(at: At): Promise<Place>;
}

/** The merged files, with what was laid over their params. */
export interface PipelineDocument {
  /** Those that win come first; `sources[0]` is the file that was asked for. */
  sources: Source[];
  file: PipelineFile;
  /** Undefined for the defaults. */
  profile: string | undefined;
  /** They lie over the profile. */
  given: Given | undefined;
  /** They lie over all else. */
  settings: Setting[];
}

/**
 * Reads a file and what it extends, checks each against the schema and merges them.
 *
 * @param show how to write the names of files that are proposed
 * @param memo spares reading and checking texts again
 * @returns undefined if the files do not fit the schema; `mistakes` then say why
 */
export async function readDocument(
  path: string,
  mistakes: Mistakes,
  show: (path: string) => string = showPath,
  memo?: DocumentMemo,
): Promise<PipelineDocument | undefined> {
  const sources = await readAll(path, [], show, memo);
  const before = mistakes.count;
  const byInheritance = new Map<Source, PipelineFile>();
  for (const source of new Set(sources)) {
    const file = source.file ?? await check(source, mistakes);
    if (file) byInheritance.set(source, file);
    if (file && !source.file) memo?.set(source.path, source.text, file);
  }
  if (mistakes.count > before) return undefined;
  let file: PipelineFile = {};
  for (const source of sources.toReversed()) file = merge(file, byInheritance.get(source) ?? {});
  return { sources, file, profile: undefined, given: undefined, settings: [] };
}

/** The schema takes as long to load as a large file that is known. */
async function check(source: Source, mistakes: Mistakes): Promise<PipelineFile | undefined> {
  const { checkDocument } = await import("./check_document.ts");
  return checkDocument(source, mistakes);
}

/** The file and what it extends, those that win first. */
async function readAll(
  path: string,
  above: string[],
  show: (path: string) => string,
  memo: DocumentMemo | undefined,
): Promise<Source[]> {
  const source = await readSource(path, show, memo);
  const bases = valueAt(source.value, ["extends"]);
  const list = Array.isArray(bases) ? bases : bases === undefined ? [] : [bases];
  const chain = [...above, path];
  const read: Source[][] = [];
  for (const [index, base] of list.entries()) {
    if (typeof base !== "string") continue; // The schema says what is wrong with it.
    const steps = Array.isArray(bases) ? ["extends", index] : ["extends"];
    const basePath = besideFile(source, base);
    const loop = chain.indexOf(basePath);
    const place = async () => (await import("./locate.ts")).locate(source, steps);
    if (loop >= 0) {
      const round = [...chain.slice(loop), basePath].map(showPath);
      throw new UserError({
        message: `${showPath(basePath)} extends itself`,
        place: await place(),
        notes: [round.join(" → ")],
      });
    }
    try {
      // Names are proposed as this file would write them.
      read.push(await readAll(basePath, chain, (other) => relative(dirname(path), other), memo));
    } catch (error) {
      throw await withPlace(error, place);
    }
  }
  return [source, ...read.toReversed().flat()];
}

/** Adds where the file was asked for to a mistake that has no place, such as a missing file. */
async function withPlace(error: unknown, place: () => Promise<Place>): Promise<unknown> {
  if (!(error instanceof UserError) || error.diagnostics.some((one) => one.place)) return error;
  const at = await place();
  return new UserError(error.diagnostics.map((one) => ({ ...one, place: at })), { cause: error });
}

/**
 * Lays one file over another: mappings are merged, all else is replaced. A stage that names another
 * `uses` than before starts anew: parameters and inputs belong to what it used.
 */
function merge(base: PipelineFile, over: PipelineFile): PipelineFile {
  if (Object.keys(base).length === 0) return over;
  const stages = new Map(Object.entries(base.stages ?? {}));
  for (const [name, entry] of Object.entries(over.stages ?? {})) {
    const { with: params, inputs, ...kept } = stages.get(name) ?? {};
    const isOther = entry.uses !== undefined && kept.uses !== undefined && entry.uses !== kept.uses;
    const below = isOther ? kept : {
      ...kept,
      ...(params === undefined ? {} : { with: params }),
      ...(inputs ? { inputs } : {}),
    };
    stages.set(name, overlay(below, entry));
  }
  const { stages: _, ...rest } = over;
  const { stages: __, ...below } = base;
  return { ...overlay(below, rest), stages: Object.fromEntries(stages) };
}

/** Deep merge: mappings key by key, all else replaced; an empty mapping (`params:`) adds nothing. */
export function overlay<T>(base: T, over: T): T {
  if (!isMapping(base) || !isMapping(over)) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(result, key) ? result[key] : undefined;
    result[key] = isMapping(below) && isMapping(value) ? overlay(below, value) : value;
  }
  return result as T;
}

/**
 * Whether any key may be set in a mapping of the params: the file, or one that it extends, declares
 * it, or what it lies in, as empty.
 */
export function isOpenAt({ sources }: PipelineDocument, path: string[]): boolean {
  return path.some((_, i) =>
    sources.some(({ value }) => {
      const declared = valueAt(value, ["params", ...path.slice(0, i + 1)]);
      return isMapping(declared) && Object.keys(declared).length === 0;
    })
  );
}

/** Whether a value is a mapping (not a list, not null). */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
