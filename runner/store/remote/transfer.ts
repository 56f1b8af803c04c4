/**
 * Results between a store and a remote cache: what comes is checked while it streams, what goes is
 * checked before its last byte leaves.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ActionRecord } from "../../plan/record.ts";
import { digestBytes } from "../digest.ts";
import { removeIfThere, statIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import { encodeRecord } from "../records.ts";
import { decodeTree, type Tree } from "../tree.ts";
import { adoptFiles } from "../trees.ts";
import type { Line } from "./line.ts";
import { type Bytes, contentEntry, LocalError, recordEntry, RemoteError } from "./place.ts";
import { readForeignRecord, readForeignTree } from "./shape.ts";
import { forEachOf } from "./slots.ts";

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

/** Bytes read of a file at once. */
const CHUNK = 1 << 20;

/** Hears how much of what is done, in bytes. */
export type Progress = (done: number, total: number) => void;

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
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
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
      let counted = 0;
      const source = await fetchFile(line, objects, digest, size, (bytes) => {
        done += bytes - counted; // a second try begins anew
        counted = bytes;
        progress(done, total);
      });
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

/**
 * Gives a result to a remote cache: contents first, the record last, so that whoever finds the
 * record finds the rest.
 *
 * @param there contents that are known to be there already; grows
 */
export async function sendResult(
  line: Line,
  objects: Objects,
  record: ActionRecord,
  there: Set<string>,
  progress: Progress,
): Promise<void> {
  const digests = new Set([...Object.values(record.outputs), record.log]);
  for (const tree of Object.values(record.outputs)) {
    const read = objects.readText(tree);
    if ("damage" in read) throw new LocalError(`${read.damage.what} ${read.damage.problem}`);
    decodeTree(read.text).files.forEach((file) => digests.add(file.digest));
  }
  // A log may be gone without making the result any worse.
  const files = [...digests].filter((digest) => !there.has(digest)).flatMap((digest) => {
    const size = statIfThere(objects.path(digest))?.size;
    return size === undefined && digest === record.log ? [] : [{ digest, size: size ?? 0 }];
  });
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  await forEachOf(files, AT_ONCE, async ({ digest, size }) => {
    const entry = contentEntry(digest);
    const known = await line.look(entry);
    if (known === undefined || (known.size ?? size) !== size) {
      await line.write(entry, () => contentOf(objects, digest, size), size);
    }
    there.add(digest);
    progress(done += size, total);
  });
  const text = new TextEncoder().encode(encodeRecord(record));
  await line.write(recordEntry(record.key), () => piecesOf(text), text.length);
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
        await locally(() => writeAll(file, piece));
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

/** A content as it is sent; the last piece only once the digest of all is right. */
async function* contentOf(objects: Objects, digest: string, size: number): Bytes {
  const hash = createHash("sha256");
  let last: Uint8Array | undefined;
  using file = await locally(() => Deno.open(objects.path(digest)));
  for (;;) {
    const buffer = new Uint8Array(CHUNK);
    const length = await locally(() => file.read(buffer));
    if (length === null) break;
    if (last) yield last;
    last = buffer.subarray(0, length);
    hash.update(last);
  }
  if (hash.digest("hex") !== digest) {
    const damage = objects.check(digest, { size, full: true });
    throw new LocalError(`${objects.name(digest)} ${damage?.problem ?? "has changed meanwhile"}`);
  }
  if (last) yield last;
}

async function* piecesOf(bytes: Uint8Array): Bytes {
  yield await Promise.resolve(bytes);
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

/** Does a step on this machine's own disk. */
async function locally<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new LocalError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
