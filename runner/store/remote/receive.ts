/**
 * Results from a remote cache to a store. What comes is hashed while it streams, and gets its name in
 * the store only if it is what was asked for.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ActionRecord } from "../../plan/record.ts";
import { digestBytes } from "../digest.ts";
import { removeIfThere, statIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import type { Tree } from "../tree.ts";
import { adoptFiles } from "../trees.ts";
import type { Line } from "./line.ts";
import { locally, writePiece } from "./pieces.ts";
import { type Bytes, contentEntry, recordEntry, RemoteError } from "./place.ts";
import { readForeignRecord, readForeignTree } from "./shape.ts";
import { forEachOf } from "./slots.ts";
import { type Progress, Tally } from "./tally.ts";

/** No record is larger, in bytes: a server that talks on and on is not listened to. */
const LARGEST_RECORD = 64 * 2 ** 20;

/** No list of files is larger, in bytes; this is more than a million files. */
const LARGEST_TREE = 512 * 2 ** 20;

/** No log is worth more than this, in bytes. */
const LARGEST_LOG = 64 * 2 ** 20;

/** Files that get their names together; an interrupted transfer keeps the ones before. */
const BATCH = 256;

/** Files on the way at a time, of one result. */
const AT_ONCE = 12;

/** Asks for what came of an action. @returns undefined if the remote cache does not know */
export async function fetchRecord(
  line: Line,
  key: string,
  outputs?: string[],
): Promise<ActionRecord | undefined> {
  return await line.read(recordEntry(key), async (bytes) => {
    const text = await readText(bytes, LARGEST_RECORD, recordEntry(key));
    const record = readForeignRecord(text, key, outputs);
    if (record === undefined) throw wrong(recordEntry(key));
    return record;
  });
}

/**
 * Fetches what a record's outputs are made of and the store does not have yet.
 *
 * @returns whether all of it is in the store now
 */
export async function fetchOutputs(
  line: Line,
  objects: Objects,
  { outputs, log }: ActionRecord,
  progress: Progress,
): Promise<boolean> {
  const trees = await fetchTrees(line, objects, outputs);
  if (trees === undefined) return false;
  const missing = filesOf(trees).filter(({ digest, size }) => !objects.has(digest, size));
  const tally = new Tally(missing, progress);
  let absent = false;
  let arrived: { source: string; digest: string }[] = [];
  const adopt = async () => {
    const batch = arrived;
    arrived = [];
    await locally(() => adoptFiles(objects, batch));
  };
  try {
    await forEachOf(missing, AT_ONCE, async ({ digest, size }) => {
      if (absent) return;
      const source = await fetchFile(line, objects, digest, size, tally.forFile());
      if (source === undefined) absent = true;
      else arrived.push({ source, digest });
      if (arrived.length >= BATCH) await adopt();
    });
  } finally {
    await adopt();
  }
  if (absent) return false;
  for (const { text } of trees) await locally(() => objects.putText(text));
  await fetchLog(line, objects, log);
  return true;
}

/** Whether a remote cache has a record's outputs, as far as looking at so many entries tells. */
export async function hasOutputs(
  line: Line,
  objects: Objects,
  { outputs }: ActionRecord,
  atMost: number,
): Promise<boolean> {
  const trees = await fetchTrees(line, objects, outputs);
  if (trees === undefined) return false;
  const missing = filesOf(trees)
    .filter(({ digest }) => statIfThere(objects.path(digest)) === undefined).slice(0, atMost);
  let absent = false;
  await forEachOf(missing, AT_ONCE, async ({ digest }) => {
    if (await line.look(contentEntry(digest)) === undefined) absent = true;
  });
  return !absent;
}

interface ReadTree {
  tree: Tree;
  text: string;
}

async function fetchTrees(
  line: Line,
  objects: Objects,
  outputs: Record<string, string>,
): Promise<ReadTree[] | undefined> {
  const trees = await Promise.all(
    [...new Set(Object.values(outputs))].map((digest) => fetchTree(line, objects, digest)),
  );
  const found = trees.filter((tree) => tree !== undefined);
  return found.length === trees.length ? found : undefined;
}

async function fetchTree(
  line: Line,
  objects: Objects,
  digest: string,
): Promise<ReadTree | undefined> {
  const entry = contentEntry(digest);
  if (statIfThere(objects.path(digest)) !== undefined) {
    const read = objects.readText(digest);
    const tree = "text" in read ? readForeignTree(read.text) : undefined;
    if ("text" in read && tree) return { tree, text: read.text };
  }
  return await line.read(entry, async (bytes) => {
    const text = await readText(bytes, LARGEST_TREE, entry);
    const tree = digestBytes(text) === digest ? readForeignTree(text) : undefined;
    if (tree === undefined) throw wrong(entry);
    return { tree, text };
  });
}

/** Distinct contents. */
function filesOf(trees: ReadTree[]): { digest: string; size: number }[] {
  const sizes = new Map(trees.flatMap(({ tree }) => tree.files.map((f) => [f.digest, f.size])));
  return [...sizes].map(([digest, size]) => ({ digest, size }));
}

/** Writes a content to a temporary file. @returns its path, or undefined if it is not there */
async function fetchFile(
  line: Line,
  objects: Objects,
  digest: string,
  size: number,
  progress: (bytes: number) => void,
): Promise<string | undefined> {
  const entry = contentEntry(digest);
  return await line.read(entry, async (bytes) => {
    const path = await locally(() => objects.files.newName());
    try {
      const hash = createHash("sha256");
      let length = 0;
      using file = await locally(() => Deno.open(path, { write: true, createNew: true }));
      for await (const piece of bytes) {
        length += piece.length;
        if (length > size) throw wrong(entry);
        hash.update(piece);
        await locally(() => writePiece(file, piece));
        progress(length);
      }
      if (length !== size || hash.digest("hex") !== digest) throw wrong(entry);
      return path;
    } catch (error) {
      removeIfThere(path);
      throw error;
    }
  });
}

/** A result without its log is as good: none is fetched if that fails. */
async function fetchLog(line: Line, objects: Objects, digest: string): Promise<void> {
  if (statIfThere(objects.path(digest)) !== undefined) return;
  try {
    const known = await line.look(contentEntry(digest));
    if (known?.size === undefined || known.size > LARGEST_LOG) return;
    const source = await fetchFile(line, objects, digest, known.size, () => {});
    if (source !== undefined) await locally(() => adoptFiles(objects, [{ source, digest }]));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
  }
}

async function readText(bytes: Bytes, largest: number, entry: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > largest) throw wrong(entry);
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return new TextDecoder().decode(whole);
}

function wrong(entry: string): RemoteError {
  return new RemoteError(`it gave something wrong for ${entry.slice(0, 16)}…`, "wrong");
}
