/**
 * `cache gc`: make the store smaller.
 *
 * @module
 */
import { planPipeline } from "../plan/plan.ts";
import { chooseDoomed, type Doomed, type Policy } from "../store/care/choose.ts";
import { bytesOf, Contents, type Holding, readHoldings } from "../store/care/holdings.ts";
import { removeLostReads } from "../store/care/lost_reads.ts";
import { measure, type Remains, removeRemains } from "../store/care/remains.ts";
import { safeHorizon, sweep, type SweepOptions, type Swept } from "../store/care/sweep.ts";
import { explain, explained, namesIn } from "../store/files.ts";
import { hasFormat } from "../store/format.ts";
import { Store } from "../store/store.ts";
import { readTags, taggedKeys } from "../store/tags.ts";
import { count, formatAge, formatBytes, formatSeconds } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import { keysOfHistory, keysOfLastRuns, lastUses } from "./cache_uses.ts";
import { longWork } from "./long_work.ts";
import { print, printError, storeFolder, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Options of `cache gc`. */
export interface CacheGcOptions {
  dryRun?: boolean;
  /** Seconds. */
  olderThan?: number;
  /** Bytes. */
  maxSize?: number;
  keepRuns?: number;
  /** Pipeline files. */
  keep?: string[];
  store?: string;
  json?: boolean;
}

/** What `--json` prints. */
export interface Collection {
  store: string;
  dryRun: boolean;
  /** Bytes before and after. */
  before: number;
  after: number;
  /** What it would take to make the results again that go. */
  seconds: number;
  results: {
    key: string;
    pipeline: string;
    stage: string;
    /** What its going frees. */
    bytes: number;
    seconds: number;
    lastUsed: string;
    why: Doomed["why"];
  }[];
  /** What stays because of tags. */
  tags: KeptByTag[];
  /** Contents that no result needs. */
  contents: { count: number; bytes: number };
  /** Leftovers of interrupted stages, and what was set aside. */
  remains: Remains[];
}

/** What one tag keeps. */
export interface KeptByTag {
  name: string;
  results: number;
  bytes: number;
  /** How many of the results would go if no tag kept them. */
  wouldGo: number;
}

/** The results of so many runs stay, unless told otherwise. */
const KEEP_RUNS = 10;

/** What goes on, in words, if it fails. */
const REMOVING = "remove anything from the store";

/** Leftovers go after this many seconds, unless told otherwise. */
const REMAINS_AGE = 30 * 24 * 3600;

/** Removes, or says what would be removed. @returns the exit code */
export async function cacheGcCommand(
  options: CacheGcOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { root } = surroundings;
  const { dryRun = false, olderThan, maxSize } = options;
  const folder = storeFolder(root, options.store);
  using store = Store.open(folder, { write: !dryRun && hasFormat(folder) });
  const now = Date.now();
  const horizon = safeHorizon(store.folder, store.openedAt ?? now);
  const policy = await readPolicy(store, options, surroundings, now);

  const contents = new Contents(store.folder);
  const holdings = [...readHoldings(store.folder, lastUses(store))];
  const sizes = sizesOf(store.folder);
  const before = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const remainsBefore = now - (olderThan ?? REMAINS_AGE) * 1000;
  const remains = explained(
    store.folder,
    REMOVING,
    () => removeRemains(store, Math.min(remainsBefore, horizon()), { dryRun }),
  );
  const left = remains.reduce((sum, { bytes }) => sum + bytes, 0);
  // Contents that belong to no result go in any case: they are no reason for a result to go.
  // Of results each file counts with its own size, in a pack or not.
  const ofResults = ["objects", "actions", "packs"].map((name) => sizes.get(name) ?? 0);
  const other = before - left - ofResults.reduce((sum, bytes) => sum + bytes, 0);
  const choose = (keep: ReadonlySet<string>) =>
    chooseDoomed(holdings, contents, { ...policy, keep: policy.keep.union(keep) }, other).doomed;
  const doomed = choose(taggedKeys(store.folder));
  const swept = await remove(
    store,
    {
      results: doomed.map(({ holding }) => holding.key),
      neededBy: (gone) =>
        new Set(digestsOf(holdings.filter(({ key }) => !gone.has(key)), contents)),
      // Asked again and again: somebody may be tagging just now.
      kept: () => taggedKeys(store.folder),
      horizon,
      dryRun,
    },
    surroundings,
  );

  if (!dryRun) explained(store.folder, REMOVING, () => removeLostReads(store));
  const gone = new Set(swept.results);
  const went = doomed.filter(({ holding }) => gone.has(holding.key));
  const records = went.reduce((sum, { holding }) => sum + holding.recordBytes, 0);
  const collection: Collection = {
    store: store.folder,
    dryRun,
    before,
    after: before - swept.bytes - records - left,
    seconds: went.reduce((sum, { holding }) => sum + holding.seconds, 0),
    results: went.map(({ holding, bytes, why }) => ({
      key: holding.key,
      pipeline: holding.pipeline,
      stage: holding.id,
      bytes,
      seconds: holding.seconds,
      lastUsed: new Date(holding.usedAt).toISOString(),
      why,
    })),
    tags: keptByTags(store.folder, holdings, contents, () => choose(new Set())),
    contents: { count: swept.contents, bytes: swept.bytes },
    remains,
  };
  if (horizon() === 0) {
    printError(
      "warning: the clock was set back while a program uses the store; until that has ended, or " +
        "has gone on a little, nothing can go\n",
    );
  }
  if (options.json) print(JSON.stringify(collection, null, 2) + "\n");
  else print(render(collection, maxSize, surroundings));
  return 0;
}

/** @param choose what would go if there were no tags */
function keptByTags(
  store: string,
  holdings: Holding[],
  contents: Contents,
  choose: () => Doomed[],
): KeptByTag[] {
  const tags = readTags(store);
  const doomed = new Set(tags.length === 0 ? [] : choose().map(({ holding }) => holding.key));
  return tags.map(({ name, keys }) => {
    const own = new Set(keys);
    const kept = holdings.filter(({ key }) => own.has(key));
    return {
      name,
      results: kept.length,
      bytes: bytesOf(kept, contents),
      wouldGo: kept.filter(({ key }) => doomed.has(key)).length,
    };
  });
}

async function remove(
  store: Store,
  options: SweepOptions,
  { colors }: Surroundings,
): Promise<Swept> {
  using work = longWork(options.dryRun ? "looking" : "removing", "steps", colors);
  try {
    return await sweep(store.folder, store.objects.files, {
      ...options,
      onProgress: (done, total) => work.show(done, total),
    });
  } catch (error) {
    throw explain(store.folder, REMOVING, error);
  }
}

/** Bytes by folder; that of links takes no room. */
function sizesOf(store: string): Map<string, number> {
  const names = namesIn(store).filter((name) => name !== "trees");
  return new Map(names.map((name) => [name, measure(`${store}/${name}`).bytes]));
}

function* digestsOf(holdings: Holding[], contents: Contents): Generator<string> {
  for (const holding of holdings) yield* contents.of(holding).keys();
}

async function readPolicy(
  store: Store,
  { olderThan, maxSize, keepRuns, keep = [], store: folder }: CacheGcOptions,
  surroundings: Surroundings,
  now: number,
): Promise<Policy> {
  const kept = keysOfLastRuns(store, keepRuns ?? KEEP_RUNS);
  for (const file of keep) {
    const options = { backend: "auto", ...(folder !== undefined && { store: folder }) } as const;
    const { pipeline, context } = await openSession(file, options, surroundings, {
      write: false,
      onDamage: (text) => printError(`warning: ${text}\n`),
    });
    for (const planned of await planPipeline(pipeline, context)) {
      if (planned.status === "hit") kept.add(planned.storedAs ?? planned.key);
    }
    // With other params, and behind stages that would run.
    for (const key of keysOfHistory(store, pipeline.name)) kept.add(key);
  }
  // Who says only what to keep means that all else may go.
  const onlyKept = olderThan === undefined && maxSize === undefined &&
    (keepRuns !== undefined || keep.length > 0);
  const usedBefore = onlyKept ? Infinity : olderThan && now - olderThan * 1000;
  return {
    keep: kept,
    now,
    ...(usedBefore !== undefined && { usedBefore }),
    ...(maxSize !== undefined && { maxBytes: maxSize }),
  };
}

function render(
  { dryRun, before, after, seconds, results, tags, contents, remains }: Collection,
  maxSize: number | undefined,
  { colors }: Surroundings,
): string {
  const now = Date.now();
  const rows = results.map((each) => [
    each.pipeline,
    each.stage,
    each.key.slice(0, 12),
    formatBytes(each.bytes),
    formatAge(now - Date.parse(each.lastUsed)),
    formatSeconds(each.seconds),
  ]);
  const columns = ["pipeline", "stage", "key", "frees", "used", "took"];
  const title = dryRun ? "Results that would go" : "Results that went";
  const table = rows.length === 0 ? "" : `\n${renderTable({ title, columns, rows }, colors)}\n`;
  const left = remains.map(({ what, bytes }) => `  ${what}  ${formatBytes(bytes)}\n`);
  const lines = [
    `${count(results.length, "result")} ${dryRun ? "would go" : "went"}` +
    (results.length > 0 ? `; making them again would take ${formatSeconds(seconds)}` : ""),
    ...tags.map(({ name, results, bytes, wouldGo }) =>
      `tag ${name} keeps ${count(results, "result")}, ${formatBytes(bytes)}; ` +
      `${wouldGo === 0 ? "none" : wouldGo} of them would go without tags`
    ),
    `${count(contents.count, "file")} that no result needs: ${formatBytes(contents.bytes)}`,
    ...(left.length > 0
      ? [`left by interrupted stages, or broken:\n${left.join("").trimEnd()}`]
      : []),
    `the store: ${formatBytes(before)} → ${formatBytes(after)}`,
  ];
  const large = maxSize !== undefined && after > maxSize
    ? `It stays larger than ${formatBytes(maxSize)}: the rest is kept by --keep-runs (by itself ` +
      `${KEEP_RUNS}), --keep or a tag, or is just in use\n`
    : "";
  return `${table}${lines.join("\n")}\n${large}`;
}
