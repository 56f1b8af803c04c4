/**
 * Results from a store to a remote cache: small files in packs, and what gets smaller by it
 * compressed. Each file is hashed while it is read, and its last piece leaves only if the digest is
 * right: nobody gets something broken from here.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ActionRecord } from "../../plan/record.ts";
import { statIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import { decodeTree, type Tree } from "../tree.ts";
import { unpackIfPacked } from "../trees.ts";
import { compress, compressing, isWorth, sampleOf } from "./compression.ts";
import { type Compressed, encodeEntry, type Layout, type Lying } from "./entry.ts";
import type { Line } from "./line.ts";
import { changed, makePack } from "./pack_bytes.ts";
import { type Content, contentsOfPacks, cutIntoPacks, type Pack, packedContents } from "./packs.ts";
import { locally, readPiece } from "./pieces.ts";
import { type Bytes, contentEntry, LocalError, recordEntry, RemoteError } from "./place.ts";
import { fetchEntry } from "./receive.ts";
import type { Trust } from "./signature.ts";
import { forEachOf } from "./slots.ts";
import { type Progress, Tally } from "./tally.ts";

/** Files on the way at a time, of one result. */
const AT_ONCE = 12;

/** Packs on the way at a time, of one result; each is in memory. */
const PACKS_AT_ONCE = 2;

/** What is known to be in a remote cache, and how it lies there; grows with all that is given. */
export class Given {
  /** By digest of the content; undefined for what lies there as it is. */
  readonly contents = new Map<string, Compressed | undefined>();
  /** By digest of the list of files. */
  readonly packs = new Map<string, Pack[]>();
}

/** How a result is given. */
export interface Sending {
  given: Given;
  trust: Trust | undefined;
  progress: Progress;
}

/**
 * Gives a result to a remote cache: contents first, the record last, so that whoever finds the
 * record finds the rest.
 */
export async function sendResult(
  line: Line,
  objects: Objects,
  record: ActionRecord,
  { given, trust, progress }: Sending,
): Promise<void> {
  const trees = readTrees(objects, record);
  for (const { digest } of trees) {
    const damage = await locally(() => unpackIfPacked(objects, digest));
    if (damage) throw new LocalError(`${damage.what} ${damage.problem}`);
  }
  const packed = trees.map(({ digest, tree }) => ({ digest, contents: packedContents(tree) }));
  const loose = looseContents(objects, record, trees);
  const packing = packed.filter(({ digest, contents }) =>
    contents.length > 0 && !given.packs.has(digest)
  );
  const waiting = loose.filter(({ digest }) => !given.contents.has(digest));
  const tally = new Tally([...packing.flatMap(({ contents }) => contents), ...waiting], progress);
  const before = await layoutBefore(line, record);

  for (const { digest, contents } of packing) {
    const moved = tally.forFile();
    const packs = await packsBefore(line, contents, before?.packs[digest]) ??
      await sendPacks(line, objects, contents, moved);
    moved(contents.reduce((sum, { size }) => sum + size, 0));
    given.packs.set(digest, packs);
  }
  await forEachOf(waiting, AT_ONCE, async (content) => {
    const moved = tally.forFile();
    const { digest, size } = content;
    const known = before?.compressed[digest];
    const isBefore = before !== undefined && await isThere(line, known ?? { digest, bytes: size });
    const compressed = isBefore ? known : await sendContent(line, objects, content, moved);
    given.contents.set(digest, compressed);
    moved(size);
  });

  const layout: Layout = { compressed: {}, packs: {} };
  for (const { digest } of loose) {
    const compressed = given.contents.get(digest);
    if (compressed) layout.compressed[digest] = compressed;
  }
  for (const { digest } of packed) {
    const packs = given.packs.get(digest);
    if (packs) layout.packs[digest] = packs;
  }
  const entry = await encodeEntry({ record, layout, signature: trust?.sign?.(record) });
  await line.write(recordEntry(record.key), () => piecesOf(entry), entry.length);
}

interface ReadTree {
  digest: string;
  tree: Tree;
}

function readTrees(objects: Objects, { outputs }: ActionRecord): ReadTree[] {
  return [...new Set(Object.values(outputs))].map((digest) => {
    const read = objects.readText(digest);
    if ("damage" in read) throw new LocalError(`${read.damage.what} ${read.damage.problem}`);
    return { digest, tree: decodeTree(read.text) };
  });
}

/** Lists of files, the log, and the files that are in no pack. */
function looseContents(objects: Objects, { log }: ActionRecord, trees: ReadTree[]): Content[] {
  const sizes = new Map<string, number>();
  for (const { tree } of trees) {
    const packed = new Set(packedContents(tree).map(({ digest }) => digest));
    for (const { digest, size } of tree.files) if (!packed.has(digest)) sizes.set(digest, size);
  }
  for (const digest of [...trees.map(({ digest }) => digest), log]) {
    const size = statIfThere(objects.path(digest))?.size;
    // A log may be gone without making the result any worse.
    if (size !== undefined) sizes.set(digest, size);
  }
  return [...sizes].map(([digest, size]) => ({ digest, size }));
}

/** How an earlier result with this key lies there; most is then there already. */
async function layoutBefore(
  line: Line,
  { key, outputs }: ActionRecord,
): Promise<Layout | undefined> {
  try {
    return (await fetchEntry(line, key, Object.keys(outputs)))?.layout;
  } catch (error) {
    // What is there is no good, and is replaced.
    if (error instanceof RemoteError && error.failure === "wrong") return undefined;
    throw error;
  }
}

async function packsBefore(
  line: Line,
  contents: Content[],
  packs: Pack[] | undefined,
): Promise<Pack[] | undefined> {
  if (packs === undefined || contentsOfPacks(contents, packs) === undefined) return undefined;
  const there = await Promise.all(packs.map((pack) => isThere(line, pack)));
  return there.every(Boolean) ? packs : undefined;
}

async function sendPacks(
  line: Line,
  objects: Objects,
  contents: Content[],
  moved: (bytes: number) => void,
): Promise<Pack[]> {
  const cut = cutIntoPacks(contents);
  const packs: Pack[] = [];
  let done = 0;
  await forEachOf(cut.keys(), PACKS_AT_ONCE, async (i) => {
    const { pack, bytes } = await makePack(objects, cut[i]);
    await send(line, pack, () => piecesOf(bytes));
    packs[i] = pack;
    moved(done += pack.size);
  });
  return packs;
}

/** @returns how it lies there, if that is compressed */
async function sendContent(
  line: Line,
  objects: Objects,
  content: Content,
  moved: (bytes: number) => void,
): Promise<Compressed | undefined> {
  const { digest, size } = content;
  if (await isCompressible(objects, content)) {
    // Twice: its name must be known before it is sent, and there may be no room for a copy.
    const lying = await measure(compressing(contentOf(objects, content, () => {})));
    if (isWorth(lying.bytes, size)) {
      await send(line, lying, () => compressing(contentOf(objects, content, moved)));
      return { ...lying, size };
    }
  }
  await send(line, { digest, bytes: size }, () => contentOf(objects, content, moved));
}

async function isCompressible(objects: Objects, { digest, size }: Content): Promise<boolean> {
  const sample = sampleOf(size);
  if (sample === undefined) return false;
  const bytes = new Uint8Array(sample.length);
  const length = await locally(async () => {
    using file = await Deno.open(objects.path(digest));
    await file.seek(sample.at, Deno.SeekMode.Start);
    return await file.read(bytes);
  });
  return await compress(bytes.subarray(0, length ?? 0)) !== undefined;
}

async function measure(bytes: Bytes): Promise<Lying> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const piece of bytes) {
    hash.update(piece);
    length += piece.length;
  }
  return { digest: hash.digest("hex"), bytes: length };
}

/** Writes what is not there. */
async function send(line: Line, lying: Lying, open: () => Bytes): Promise<void> {
  if (await isThere(line, lying)) return;
  await line.write(contentEntry(lying.digest), open, lying.bytes);
}

async function isThere(line: Line, { digest, bytes }: Lying): Promise<boolean> {
  const known = await line.look(contentEntry(digest));
  return known !== undefined && (known.size ?? bytes) === bytes;
}

/** A content as it is sent; the last piece only once the digest of all is right. */
async function* contentOf(
  objects: Objects,
  content: Content,
  moved: (bytes: number) => void,
): Bytes {
  const { digest, size } = content;
  const hash = createHash("sha256");
  let done = 0;
  let last: Uint8Array | undefined;
  using file = await locally(() => Deno.open(objects.path(digest)));
  for (;;) {
    const piece = await locally(() => readPiece(file, size));
    if (piece === null) break;
    if (last) {
      yield last;
      moved(done += last.length);
    }
    hash.update(last = piece);
  }
  if (hash.digest("hex") !== digest) throw changed(objects, content);
  if (last) yield last;
}

async function* piecesOf(bytes: Uint8Array): Bytes {
  yield await Promise.resolve(bytes);
}
