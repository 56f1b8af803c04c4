/**
 * Whether records and trees that come from elsewhere are what this program makes of them. A digest
 * says that bytes arrived as they were sent, not that they were sent by someone who means well.
 *
 * @module
 */
import { z } from "zod";
import { keyOf } from "../../plan/key.ts";
import type { ActionRecord } from "../../plan/record.ts";
import { decodeRecord } from "../records.ts";
import { encodeTree, type Tree } from "../tree.ts";

/** 64 hexadecimal digits. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/);
const cell = z.union([z.string(), z.number(), z.null()]);
const texts = z.record(z.string(), z.string());

/** Further fields may come with later versions. */
const RECORD = z.object({
  key: digest,
  material: z.object({
    format: z.literal(1),
    stage: z.object({ name: z.string(), version: z.number() }),
    code: texts,
    params: z.record(z.string(), z.unknown()),
    inputs: z.record(z.string(), z.union([digest, z.record(z.string(), digest)])),
    runtime: texts,
  }),
  outputs: z.record(z.string(), digest),
  metrics: z.record(z.string(), z.number().nullable()),
  tables: z.array(
    z.object({ title: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }),
  ),
  curves: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  madeBy: z.object({ pipeline: z.string(), id: z.string() }),
  startedAt: z.iso.datetime(),
  seconds: z.number().nonnegative(),
  host: z.object({ name: z.string(), cpu: z.string(), os: z.string() }),
  log: digest,
  peakMemory: z.number().nonnegative().exactOptional(),
  failures: z.array(z.object({
    attempt: z.int(),
    kind: z.string(),
    message: z.string(),
    seconds: z.number().nonnegative(),
    exitCode: z.int().exactOptional(),
    signal: z.string().exactOptional(),
    peakMemory: z.number().nonnegative().exactOptional(),
  })).exactOptional(),
  readParams: z.array(z.array(z.string())).exactOptional(),
  ranAs: z.object({ key: digest, params: z.record(z.string(), z.unknown()) }).exactOptional(),
}) satisfies z.ZodType<ActionRecord>;

const TREE = z.strictObject({
  kind: z.literal("tree"),
  files: z.array(z.strictObject({
    path: z.string(),
    digest,
    size: z.int().nonnegative(),
    executable: z.literal(true).optional(),
  })),
  emptyFolders: z.array(z.string()),
});

/**
 * Reads a record.
 *
 * @param outputs names of what the stage makes, if that is known
 * @returns undefined if the text is no record of this key
 */
export function readForeignRecord(
  text: string,
  key: string,
  outputs?: string[],
): ActionRecord | undefined {
  try {
    const record = decodeRecord(text, key);
    if (!RECORD.safeParse(record).success || record === undefined) return undefined;
    // The key is the digest of the material: whoever wrote it knew what was run.
    if (keyOf(record.material) !== key) return undefined;
    const made = Object.keys(record.outputs).sort().join("\0");
    return outputs === undefined || made === outputs.toSorted().join("\0") ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined; // no such JSON
    throw error;
  }
}

/** Reads a tree. @returns undefined if the text is none, or one that leads out of its folder */
export function readForeignTree(text: string): Tree | undefined {
  const tree = TREE.safeParse(parse(text)).data;
  if (tree === undefined) return undefined;
  const files = tree.files.map(({ executable, ...file }) =>
    executable ? { ...file, executable } : file
  );
  const paths = new Set([...files.map(({ path }) => path), ...tree.emptyFolders]);
  const distinct = paths.size === files.length + tree.emptyFolders.length;
  const above = [...paths].flatMap((path) => foldersAbove(path));
  const sound = [...paths].every(staysInside) && !above.some((folder) => paths.has(folder));
  // In any other order the same folder would have another digest.
  const canonical = encodeTree(files, tree.emptyFolders) === text;
  return distinct && sound && canonical ? { ...tree, files } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON, no tree
  }
}

function staysInside(path: string): boolean {
  return !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function foldersAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
