/**
 * Results from a remote cache to a store. What comes gets its name in the store only if its digest is
 * what was asked for, however it travelled.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { digestBytes } from "../digest.ts";
import { removeIfThere, statIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import type { Tree } from "../tree.ts";
import { adoptFiles } from "../trees.ts";
import { expand, expanding } from "./compression.ts";
import {
  type Compressed,
  decodeEntry,
  type Entry,
  LARGEST_ENTRY,
  type Layout,
  type Lying,
} from "./entry.ts";
import type { Line } from "./line.ts";
import { openPack, type Unpacked, writeContents } from "./pack_bytes.ts";
import { type Content, contentsOfPacks, type Pack, packedContents } from "./packs.ts";
import { locally, writePiece } from "./pieces.ts";
import { type Bytes, contentEntry, recordEntry, RemoteError } from "./place.ts";
import { readForeignTree } from "./shape.ts";
import { forEachOf } from "./slots.ts";
import { type Progress, Tally } from "./tally.ts";

/** No list of files is larger, in bytes; this is more than a million files. */
const LARGEST_TREE = 512 * 2 ** 20;

/** No log is worth more than this, in bytes. */
const LARGEST_LOG = 64 * 2 ** 20;

/** Files that get their names together; an interrupted transfer keeps the ones before. */
const BATCH = 2048;

/** Files on the way at a time, of one result. */
const AT_ONCE = 12;

/** Packs on the way at a time, of one result; each is in memory. */
const PACKS_AT_ONCE = 2;

/** Asks for what came of an action. @returns undefined if the remote cache does not know */
export async function fetchEntry(
  line: Line,
  key: string,
  outputs?: string[],
): Promise<Entry | undefined> {
  const name = recordEntry(key);
  return await line.read(name, async (bytes) => {
    const whole = await readWhole(bytes, LARGEST_ENTRY, name);
    const entry = await decodeEntry(whole, key, outputs);
    if (entry === undefined) throw wrong(name);
    return entry;
  });
}

/** A list of files that has been read. */
export interface ReadTree {
  digest: string;
  tree: Tree;
}

/**
 * Reads lists of files, from the remote cache those that the store does not have.
 *
 * @param keep in the store from now on, before the files: without a record they promise nothing
 * @returns undefined if one of them is not there
 */
export async function fetchTrees(
  line: Line,
  objects: Objects,
  { layout }: Entry,
  digests: string[],
  { keep }: { keep: boolean },
): Promise<ReadTree[] | undefined> {
  const trees = await Promise.all(
    [...new Set(digests)].map((digest) => fetchTree(line, objects, layout, digest, keep)),
  );
  const found = trees.filter((tree) => tree !== undefined);
  return found.length === trees.length ? found : undefined;
}

/**
 * Fetches what folders are made of and the store does not have yet.
 *
 * @returns whether all of it is in the store now
 */
export async function fetchFiles(
  line: Line,
  objects: Objects,
  { layout }: Entry,
  trees: ReadTree[],
  progress: Progress,
): Promise<boolean> {
  const { packs, loose } = routes(layout, trees, ({ digest, size }) => !objects.has(digest, size));
  const tally = new Tally(
    [...packs, ...loose].map(({ lying: { bytes } }) => ({ size: bytes })),
    progress,
  );
  let absent = false;
  let arrived: Arrived[] = [];
  const adopt = async () => {
    const batch = arrived;
    arrived = [];
    await locally(() => adoptFiles(objects, batch));
  };
  const take = async (came: Arrived[] | undefined) => {
    if (came === undefined) absent = true;
    else arrived.push(...came);
    if (arrived.length >= BATCH) await adopt();
  };
  try {
    await forEachOf(packs, PACKS_AT_ONCE, async (route) => {
      if (!absent) await take(await fetchPack(line, objects, route, tally.forFile()));
    });
    await forEachOf(loose, AT_ONCE, async (route) => {
      if (!absent) await take(await fetchFile(line, objects, route, tally.forFile()));
    });
  } finally {
    await adopt();
  }
  return !absent;
}

/**
 * Whether a remote cache has what folders are made of and the store lacks.
 *
 * @param atMost after so many looks the rest is believed
 */
export async function hasFiles(
  line: Line,
  objects: Objects,
  { layout }: Entry,
  trees: ReadTree[],
  atMost: number,
): Promise<boolean> {
  const isMissing = ({ digest }: Content) => statIfThere(objects.path(digest)) === undefined;
  const { packs, loose } = routes(layout, trees, isMissing);
  let absent = false;
  await forEachOf([...packs, ...loose].slice(0, atMost), AT_ONCE, async ({ lying }) => {
    const known = await line.look(contentEntry(lying.digest));
    if (known === undefined || (known.size ?? lying.bytes) !== lying.bytes) absent = true;
  });
  return !absent;
}

/** A result without its log is as good: none is fetched if that fails. */
export async function fetchLog(line: Line, objects: Objects, entry: Entry): Promise<void> {
  const { log: digest } = entry.record;
  if (statIfThere(objects.path(digest)) !== undefined) return;
  try {
    const compressed = entry.layout.compressed[digest];
    const size = compressed?.size ?? (await line.look(contentEntry(digest)))?.size;
    if (size === undefined || size > LARGEST_LOG) return;
    const route = { content: { digest, size }, ...way({ digest, size }, compressed) };
    const came = await fetchFile(line, objects, route, () => {});
    if (came !== undefined) await locally(() => adoptFiles(objects, came));
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
  }
}

/** Whether the store has all that folders are made of. */
export function holdsFiles(objects: Objects, trees: ReadTree[]): boolean {
  return trees.every(({ tree }) =>
    tree.files.every(({ digest, size }) => objects.has(digest, size))
  );
}

/** A file that has come, under a temporary name. */
interface Arrived {
  source: string;
  digest: string;
}

/** How a content comes here. */
interface FileRoute {
  content: Content;
  lying: Lying;
  zstd: boolean;
}

/** How a pack comes here. */
interface PackRoute {
  lying: Pack;
  contents: Content[];
  /** Whether one of its contents is to be kept. */
  isMissing: (digest: string) => boolean;
}

/** How all that is missing comes here. */
function routes(
  layout: Layout,
  trees: ReadTree[],
  isMissing: (content: Content) => boolean,
): { packs: PackRoute[]; loose: FileRoute[] } {
  const sizes = new Map(trees.flatMap(({ tree }) => tree.files.map((f) => [f.digest, f.size])));
  const missing = new Map([...sizes].filter(([digest, size]) => isMissing({ digest, size })));
  const packs: PackRoute[] = [];
  for (const { digest, tree } of trees) {
    const listed = layout.packs[digest];
    if (listed === undefined) continue;
    const filled = contentsOfPacks(packedContents(tree), listed);
    if (filled === undefined) throw wrong(contentEntry(digest));
    for (const { pack, contents } of filled) {
      const wanted = contents.filter((content) => missing.delete(content.digest));
      if (wanted.length === 0) continue;
      const digests = new Set(wanted.map((content) => content.digest));
      packs.push({ lying: pack, contents, isMissing: (digest) => digests.has(digest) });
    }
  }
  const loose = [...missing].map(([digest, size]) => {
    const content = { digest, size };
    return { content, ...way(content, layout.compressed[digest]) };
  });
  return { packs, loose };
}

function way(
  { digest, size }: Content,
  compressed: Compressed | undefined,
): { lying: Lying; zstd: boolean } {
  if (compressed === undefined) return { lying: { digest, bytes: size }, zstd: false };
  if (compressed.size !== size) throw wrong(contentEntry(digest));
  return { lying: compressed, zstd: true };
}

async function fetchTree(
  line: Line,
  objects: Objects,
  layout: Layout,
  digest: string,
  keep: boolean,
): Promise<ReadTree | undefined> {
  if (statIfThere(objects.path(digest)) !== undefined) {
    const read = objects.readText(digest);
    const tree = "text" in read ? readForeignTree(read.text) : undefined;
    if (tree) return { digest, tree };
  }
  const compressed = layout.compressed[digest];
  const entry = contentEntry(digest);
  if ((compressed?.size ?? 0) > LARGEST_TREE) throw wrong(entry);
  return await line.read(contentEntry(compressed?.digest ?? digest), async (bytes) => {
    const came = await readWhole(bytes, compressed?.bytes ?? LARGEST_TREE, entry);
    const plain = compressed ? await expand(came, compressed.size) : came;
    const text = new TextDecoder().decode(plain);
    const tree = digestBytes(text) === digest ? readForeignTree(text) : undefined;
    if (tree === undefined) throw wrong(entry);
    if (keep) await locally(() => objects.putText(text));
    return { digest, tree };
  });
}

/** Writes what is wanted of a pack to temporary files. @returns undefined if it is not there */
async function fetchPack(
  line: Line,
  objects: Objects,
  route: PackRoute,
  progress: (bytes: number) => void,
): Promise<Arrived[] | undefined> {
  const wanted = await readPack(line, route, progress);
  // Only now: a disk that is slow with thousands of files is no fault of the remote cache.
  return wanted && await locally(() => writeContents(objects, wanted));
}

/** Reads what is wanted of a pack; all of that is right by its digest. */
async function readPack(
  line: Line,
  { lying: pack, contents, isMissing }: PackRoute,
  progress: (bytes: number) => void,
): Promise<Unpacked[] | undefined> {
  const entry = contentEntry(pack.digest);
  return await line.read(entry, async (bytes) => {
    const came = await readWhole(bytes, pack.bytes, entry, progress);
    const wanted = await openPack(came, pack, contents, isMissing);
    if (wanted === undefined) throw wrong(entry);
    return wanted;
  });
}

/** Writes a content to a temporary file. @returns undefined if it is not there */
async function fetchFile(
  line: Line,
  objects: Objects,
  { content: { digest, size }, lying, zstd }: FileRoute,
  progress: (bytes: number) => void,
): Promise<Arrived[] | undefined> {
  const entry = contentEntry(lying.digest);
  return await line.read(entry, async (bytes) => {
    const source = await locally(() => objects.files.newName());
    const coming = upTo(bytes, lying.bytes, entry, progress);
    try {
      const hash = createHash("sha256");
      let length = 0;
      using file = await locally(() => Deno.open(source, { write: true, createNew: true }));
      for await (const piece of zstd ? expanded(coming, entry) : coming) {
        length += piece.length;
        if (length > size) throw wrong(entry);
        hash.update(piece);
        await locally(() => writePiece(file, piece));
      }
      if (length !== size || hash.digest("hex") !== digest) throw wrong(entry);
      return [{ source, digest }];
    } catch (error) {
      removeIfThere(source);
      throw error;
    }
  });
}

/** Bytes that cannot be read are as wrong as others. */
async function* expanded(bytes: Bytes, entry: string): Bytes {
  let trouble: unknown;
  const watched = async function* () {
    try {
      yield* bytes;
    } catch (error) {
      trouble = error;
      throw error;
    }
  };
  try {
    yield* expanding(watched());
  } catch {
    throw trouble ?? wrong(entry);
  }
}

/** The bytes of an entry; more than there may be make it wrong. */
async function* upTo(
  bytes: Bytes,
  largest: number,
  entry: string,
  progress: (bytes: number) => void,
): Bytes {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > largest) throw wrong(entry);
    yield piece;
    progress(length);
  }
}

async function readWhole(
  bytes: Bytes,
  largest: number,
  entry: string,
  progress: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of upTo(bytes, largest, entry, progress)) pieces.push(piece);
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}

function wrong(entry: string): RemoteError {
  return new RemoteError(`it gave something wrong for ${entry.slice(0, 16)}…`, "wrong");
}
