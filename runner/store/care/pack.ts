/**
 * Puts the small files of folders that nothing has used for long into packs, beside running
 * pipelines.
 *
 * ```
 * packs/<tree>/index      which packs there are, behind the digest of this text; see trees.ts
 * packs/<tree>/ab12…      contents one behind the other, as they travel (remote/packs.ts)
 * ```
 *
 * Each folder has packs of its own, with all its small files, so none needs those of another. Only
 * when they are on the disk under their name are objects removed; killed at any moment, each file is
 * there as an object, in a pack, or as both. Which objects may go is decided as sweep.ts does it:
 * while nobody looks anything up, nothing that a running program uses or has just made.
 *
 * @module
 */
import { flush, hasCode, moveInto, removeIfThere, seal, statIfThere } from "../files.ts";
import { MISSING } from "../objects.ts";
import { usesOf, whoIsPresent } from "../presence.ts";
import { makePack } from "../remote/pack_bytes.ts";
import { type Content, cutIntoPacks, packedContents, SMALL } from "../remote/packs.ts";
import { LocalError } from "../remote/place.ts";
import { sealed } from "../sealed.ts";
import type { Store } from "../store.ts";
import { type PackIndex, packsOf } from "../trees.ts";
import { Contents, type Holding } from "./holdings.ts";
import { verifyPacks } from "./packs_held.ts";
import { batches, type Horizon, isFresh, Trash } from "./sweep.ts";

/** What may be packed. */
export interface PackOptions {
  /** All results, with the time of their last use. */
  holdings: Holding[];
  /** What was last used before this time is packed, in milliseconds. */
  usedBefore: number;
  /** Made before anything was read: what has changed since is not touched. */
  horizon: Horizon;
  /** Only counts. */
  dryRun?: boolean;
  /** Called now and then with steps done, and of how many: files come first in, then out. */
  onProgress?: (done: number, total: number) => void;
}

/** What was packed, or would be. */
export interface Packed {
  /** How many folders. */
  folders: number;
  /** How many packs these have, and the bytes of all; uncompressed if they have yet to be made. */
  packs: number;
  bytes: number;
  /** Objects that went, and what they took on the disk, in bytes. */
  removed: { files: number; bytes: number };
  /** In words, why folders could not be packed. */
  broken: string[];
}

/** A folder that may be packed. */
interface Candidate {
  tree: string;
  contents: Content[];
}

/** Packs, or says what would be packed. */
export async function packStore(
  store: Store,
  { holdings, usedBefore, horizon, dryRun = false, onProgress = () => {} }: PackOptions,
): Promise<Packed> {
  const packed: Packed = {
    folders: 0,
    packs: 0,
    bytes: 0,
    removed: { files: 0, bytes: 0 },
    broken: [],
  };
  const candidates = findCandidates(store, holdings, usedBefore);
  const needed = neededAsObjects(store, holdings, candidates);
  const mayGo = (digest: string, before: number) => {
    const path = store.objects.path(digest);
    return !needed.has(digest) && statIfThere(path) !== undefined && !isFresh(path, before);
  };
  // A pack that frees nothing is none.
  const before = horizon();
  const chosen = candidates.filter(({ contents }) =>
    contents.some(({ digest }) => mayGo(digest, before))
  );

  const done: Candidate[] = [];
  const total = 2 * chosen.reduce((sum, { contents }) => sum + contents.length, 0);
  let steps = 0;
  for (const candidate of chosen) {
    const made = dryRun
      ? wouldMake(candidate)
      : await ensurePacks(store, candidate, (files) => onProgress(steps + files, total));
    steps += candidate.contents.length;
    if (typeof made === "string") {
      packed.broken.push(made);
      continue;
    }
    done.push(candidate);
    packed.folders++;
    packed.packs += made.packs.length;
    packed.bytes += made.packs.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  for (const { tree, contents } of candidates) {
    if (done.some((one) => one.tree === tree)) continue;
    for (const { digest } of contents) needed.add(digest);
  }
  const trash = new Trash(store.folder, store.objects.files, dryRun);
  const usedNow = treesInUse(store, holdings);
  const digests = [...new Set(done.flatMap(({ contents }) => contents.map((one) => one.digest)))];
  for (const batch of batches(digests)) {
    await trash.alone(() => {
      const before = horizon();
      const inUse = contentsOf(done, usedNow());
      for (const digest of batch) {
        if (inUse.has(digest) || !mayGo(digest, before)) continue;
        const path = store.objects.path(digest);
        packed.removed.files++;
        packed.removed.bytes += (statIfThere(path)?.blocks ?? 0) * BLOCK;
        trash.add(path);
      }
    });
    onProgress(steps += batch.length, total);
  }
  // Only now: a link that goes counts as a change of the content.
  for (const { tree } of done) {
    await trash.alone(() => {
      const folder = `${store.folder}/trees/${tree}`;
      if (!usedNow().has(tree) && !isFresh(folder, horizon())) trash.add(folder);
    });
  }
  await trash.alone(() => {});
  return packed;
}

/** Bytes of which the system counts how many a file takes. */
const BLOCK = 512;

/** Folders with many small files, of results that are all old enough, and that nobody uses now. */
function findCandidates(store: Store, holdings: Holding[], usedBefore: number): Candidate[] {
  const trees = new Set(holdings.flatMap(({ trees }) => trees));
  for (const { trees: used } of holdings.filter(({ usedAt }) => usedAt >= usedBefore)) {
    for (const tree of used) trees.delete(tree);
  }
  for (const tree of treesInUse(store, holdings)()) trees.delete(tree);
  return [...trees].flatMap((tree) => {
    const list = store.peekTree(tree);
    const contents = list ? packedContents(list) : [];
    return contents.length > 0 ? [{ tree, contents }] : [];
  });
}

/** Contents that other folders, records or lists need as objects. */
function neededAsObjects(store: Store, holdings: Holding[], candidates: Candidate[]): Set<string> {
  const packable = new Map(candidates.map(({ tree, contents }) => [tree, contents]));
  const contents = new Contents(store.folder);
  const needed = new Set<string>();
  for (const { trees, log } of holdings) {
    for (const tree of trees) {
      const own = new Set(packable.get(tree)?.map(({ digest }) => digest));
      for (const digest of contents.of({ trees: [tree], log }).keys()) {
        if (!own.has(digest)) needed.add(digest);
      }
    }
    for (const digest of [...trees, log]) needed.add(digest);
  }
  return needed;
}

/** Folders of results that running programs have noted; looks anew at each call. */
function treesInUse(store: Store, holdings: Holding[]): () => Set<string> {
  const known = new Map(holdings.map(({ key, trees }) => [key, trees]));
  const read = (key: string) => Object.values(store.peekRecord(key)?.outputs ?? {});
  return () =>
    new Set(
      whoIsPresent(store.folder).flatMap(usesOf).flatMap((key) => known.get(key) ?? read(key)),
    );
}

function contentsOf(candidates: Candidate[], trees: ReadonlySet<string>): Set<string> {
  const used = candidates.filter(({ tree }) => trees.has(tree));
  return new Set(used.flatMap(({ contents }) => contents.map(({ digest }) => digest)));
}

function bytesOf(contents: Content[]): number {
  return contents.reduce((sum, { size }) => sum + size, 0);
}

function wouldMake({ contents }: Candidate): { packs: { bytes: number }[] } {
  return { packs: cutIntoPacks(contents).map((each) => ({ bytes: bytesOf(each) })) };
}

/** @returns the packs that are there now, checked by digest; or in words why they are not */
async function ensurePacks(
  store: Store,
  candidate: Candidate,
  onFiles: (files: number) => void,
): Promise<PackIndex | string> {
  const { tree } = candidate;
  const there = verifyPacks(store, tree);
  if (there && "packs" in there) return there;
  try {
    await writePacks(store, candidate, onFiles);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    if (error.cause === undefined) return error.message;
    // It is missing, or somebody else has packed it meanwhile.
    if (!hasCode(error.cause, "ENOENT")) throw error.cause;
  }
  const made = verifyPacks(store, tree); // read back: what it holds will be nowhere else
  if (made === undefined) return `a file of the folder ${tree} ${MISSING}`;
  return "damage" in made ? `${made.damage.what} ${made.damage.problem}` : made;
}

/** Writes packs under a temporary name, flushes, renames. */
async function writePacks(
  { folder, objects }: Store,
  { tree, contents }: Candidate,
  onFiles: (files: number) => void,
): Promise<void> {
  const building = objects.files.newName();
  Deno.mkdirSync(building);
  try {
    const index: PackIndex = { upTo: SMALL, packs: [] };
    const paths: string[] = [];
    const write = (name: string, bytes: Uint8Array) => {
      const path = `${building}/${name}`;
      Deno.writeFileSync(path, bytes, { createNew: true });
      seal(path);
      paths.push(path);
    };
    let done = 0;
    for (const each of cutIntoPacks(contents)) {
      const { pack, bytes } = await makePack(objects, each);
      write(pack.digest, bytes);
      index.packs.push(pack);
      onFiles(done += pack.files);
    }
    write("index", new TextEncoder().encode(sealed(JSON.stringify(index))));
    flush(paths, [building], folder);
    try {
      moveInto(building, `${folder}/${packsOf(tree)}`);
    } catch (error) {
      // Somebody else was quicker: what they made is the same.
      if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
      removeIfThere(building);
    }
    flush([], [`${folder}/packs`, folder], folder);
  } catch (error) {
    removeIfThere(building);
    throw error;
  }
}
