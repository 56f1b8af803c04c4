/**
 * An archive that hands over a run: a plain tar file, so that anyone can look into it.
 *
 * ```
 * manifest.json        what the archive holds; comes first
 * run.json             the run's manifest, byte for byte; absent of a pipeline's stored results
 * actions/<key>.json   what came of each stage, and of what its inputs come from
 * code/<path>          the modules that the keys name, and what else it takes to run them
 * objects/<digest>     contents of outputs, lists of their files, logs
 * ```
 *
 * @module
 */
import { z } from "zod";
import { digestValue } from "../store/digest.ts";
import { digest, readForeignTree } from "../store/remote/shape.ts";
import { isRunId } from "../store/runs.ts";
import { encodeTree, type TreeFile } from "../store/tree.ts";

/** Name of the first entry. */
export const MANIFEST = "manifest.json";

/** Name of the entry with the run's manifest. */
export const RUN = "run.json";

/** A file that is larger, in bytes, is no module: those are read whole. */
export const LARGEST_CODE = 64 * 2 ** 20;

/** A file of the project that is not in the archive. */
export interface LeftOut {
  /** Path, or what the keys call it. */
  path: string;
  /** In words that fit behind the path, e.g. `has changed since the run`. */
  why: string;
}

/** What an archive holds. */
export interface Manifest {
  /** Another number: another form, which this program does not read. */
  format: 1;
  /** Id of the run and digest of its manifest; null if what is stored of a pipeline was exported. */
  run: { id: string; digest: string } | null;
  /** The pipeline's name. */
  pipeline: string;
  /** The pipeline's file, relative to the project where that is possible. */
  file: string;
  /** Every result, by key. `files`: whether its outputs are here too. */
  results: { key: string; id: string; files: boolean }[];
  /** Ids of stages that have no result. */
  missing: string[];
  /** Files below `code/`. */
  code: TreeFile[];
  leftOut: LeftOut[];
  /** How many entries come behind this one. */
  entries: number;
}

/** Shown on terminals, so without characters that steer them. */
const line = z.string().regex(/^\P{Cc}*$/u).refine((text) => text.isWellFormed());

/** Further fields may come with later versions. */
const SHAPE = z.object({
  format: z.literal(1),
  run: z.object({ id: z.string().refine(isRunId), digest }).nullable(),
  pipeline: line.refine(isFileName),
  file: line,
  results: z.array(z.object({ key: digest, id: line, files: z.boolean() })),
  missing: z.array(line),
  code: z.array(z.object({ path: line, digest, size: z.int().nonnegative() })),
  leftOut: z.array(z.object({ path: line, why: line })),
  entries: z.int().nonnegative(),
});

/** The store has a file for each pipeline, with its name as it stands in addresses. */
function isFileName(name: string): boolean {
  return name.isWellFormed() && !["", ".", ".."].includes(name) &&
    encodeURIComponent(name).length <= 200;
}

/** Returns the entry's text, in which a digest shows whether it is whole. */
export function encodeManifest(manifest: Manifest): string {
  return JSON.stringify({ sha256: digestValue(manifest), ...manifest }, null, 1) + "\n";
}

/**
 * Reads a manifest.
 *
 * @returns undefined if the text is none, or not whole, or its code leads out of its folder
 */
export function readManifest(text: string): Manifest | undefined {
  const { sha256, ...rest } = parse(text);
  const manifest = SHAPE.safeParse(rest).data;
  if (manifest === undefined || sha256 !== digestValue(rest)) return undefined;
  const keys = new Set(manifest.results.map(({ key }) => key));
  const isSound = keys.size === manifest.results.length &&
    readForeignTree(encodeTree(manifest.code, [])) !== undefined;
  return isSound ? manifest : undefined;
}

function parse(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {}; // no JSON, no manifest
  }
}

/** Entry of a result's record. */
export function recordEntry(key: string): string {
  return `actions/${key}.json`;
}

/** Entry of a content. */
export function contentEntry(digest: string): string {
  return `objects/${digest}`;
}

/** Entry of a file of the project. */
export function codeEntry(path: string): string {
  return `code/${path}`;
}
