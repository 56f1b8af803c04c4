/**
 * Looks at some of what a store holds, chosen by chance: is it what its names say?
 *
 * What is broken is set aside as verify.ts does it.
 *
 * @module
 */
import { digestBytes } from "../digest.ts";
import { namesIn, statIfThere } from "../files.ts";
import type { Store } from "../store.ts";
import { Contents, type Holding, readHoldings } from "./holdings.ts";
import { packedContentsOf, verifyPacks } from "./packs_held.ts";
import { type Finding, stillThere, whatIsWrong } from "./verify.ts";

/** How much to look at: a share of all contents, from 0 to 1, or so many. */
export type SampleSize = { share: number } | { count: number };

/** Contents and their size. */
export interface Amount {
  contents: number;
  bytes: number;
}

/** What was looked at. */
export interface Sampled {
  findings: Finding[];
  looked: Amount;
  /** All that is stored, or should be. */
  all: Amount;
}

/** So many contents are looked at before others have their turn. */
const BATCH = 50;

/**
 * Puts things into an order that only `seed` decides: the same for the same things, whatever their
 * order was.
 */
export function shuffled<T>(seed: number, things: Iterable<T>, name: (thing: T) => string): T[] {
  return [...things]
    .map((thing) => ({ thing, place: digestBytes(`${seed} ${name(thing)}`) }))
    .sort((a, b) => a.place < b.place ? -1 : 1)
    .map(({ thing }) => thing);
}

/**
 * Reads a sample of all contents, those that results need and do not find included.
 *
 * @param onProgress hears how many bytes of how many were read
 */
export async function sampleStore(
  store: Store,
  seed: number,
  size: SampleSize,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Sampled> {
  // Records first: contents that a run adds meanwhile are then not missed by an earlier record.
  const holdings = [...readHoldings(store.folder)];
  const contents = new Contents(store.folder);
  const sizes = new Map(holdings.flatMap((holding) => [...contents.of(holding)]));
  for (const digest of storedContents(store)) {
    if (!sizes.has(digest)) sizes.set(digest, statIfThere(store.objects.path(digest))?.size ?? 0);
  }
  const count = "count" in size ? size.count : Math.ceil(size.share * sizes.size);
  const chosen = shuffled(seed, sizes.keys(), (digest) => digest).slice(0, count);
  const bytesOf = (digests: Iterable<string>) =>
    [...digests].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  const looked = { contents: chosen.length, bytes: bytesOf(chosen) };

  const findings: Finding[] = [];
  let done = 0;
  let packed: Map<string, string> | undefined;
  const read = new Set<string>(); // trees whose packs were read
  for (const [i, digest] of chosen.entries()) {
    const isMissing = statIfThere(store.objects.path(digest)) === undefined;
    const tree = isMissing ? (packed ??= packedContentsOf(store)).get(digest) : undefined;
    if (tree !== undefined) {
      const packs = read.has(tree) ? undefined : verifyPacks(store, tree);
      if (packs && "damage" in packs) {
        const users = holdings.filter(({ trees }) => trees.includes(tree));
        findings.push({ ...packs.damage, affects: namesOf(users) });
      }
      read.add(tree);
      done += sizes.get(digest) ?? 0;
      continue;
    }
    const problem = isMissing
      ? "is missing"
      : whatIsWrong(store.objects.path(digest), digest, (bytes) => done += bytes);
    if (problem !== undefined) {
      const users = holdings.filter((one) => contents.of(one).has(digest));
      const what = store.objects.name(digest);
      if (problem !== "is missing") store.objects.setAside(what, problem);
      // Collected meanwhile, it is missed by nobody.
      else if (!users.some(({ key }) => stillThere(store, key))) continue;
      findings.push({ what, problem, affects: namesOf(users) });
    }
    if (i % BATCH === 0) {
      onProgress(done, looked.bytes);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  onProgress(looked.bytes, looked.bytes);
  return { findings, looked, all: { contents: sizes.size, bytes: bytesOf(sizes.keys()) } };
}

function* storedContents({ folder }: Store): Generator<string> {
  for (const group of namesIn(`${folder}/objects`)) yield* namesIn(`${folder}/objects/${group}`);
}

function namesOf(holdings: Holding[]): string[] {
  return [...new Set(holdings.map(({ pipeline, id }) => `${pipeline}: ${id}`))].sort();
}
