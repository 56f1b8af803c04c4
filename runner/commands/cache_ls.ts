/**
 * `cache ls`: what the store holds, and what it took to make.
 *
 * @module
 */
import { bytesOf, Contents, type Holding, readHoldings } from "../store/care/holdings.ts";
import { countPacks, type PacksHeld } from "../store/care/packs_held.ts";
import { count, formatAge, formatBytes, formatSeconds } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import { lastUses } from "./cache_uses.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** The results that one stage of one pipeline has made. */
export interface StoredStage {
  pipeline: string;
  stage: string;
  results: number;
  /** Bytes of all of them; what they share with one another counts once. */
  bytes: number;
  /** When the oldest and the newest came into the store, UTC. */
  oldest: string;
  newest: string;
  /** When a run last had one of them, UTC. */
  lastUsed: string;
  /** What it took to make them all. */
  seconds: number;
}

/** What `--json` prints. */
export interface StoreListing {
  store: string;
  /** Bytes of all results; what they share counts once. */
  bytes: number;
  stages: StoredStage[];
  /** How much of it is in packs, and what these take. */
  packed: PacksHeld;
}

/** Prints a table, or with `--json` one document. @returns the exit code */
export function cacheLsCommand(options: StoreOption, { root, colors }: Surroundings): number {
  const store = lookIntoStore(root, options);
  const contents = new Contents(store.folder);
  const holdings = [...readHoldings(store.folder, lastUses(store))];
  const listing: StoreListing = {
    store: store.folder,
    bytes: bytesOf(holdings, contents),
    stages: [...Map.groupBy(holdings, ({ pipeline, id }) => `${pipeline}\0${id}`).values()]
      .map((group) => describe(group, contents))
      .sort((a, b) => compare(a.pipeline, b.pipeline) || compare(a.stage, b.stage)),
    packed: countPacks(store),
  };
  if (options.json) {
    print(JSON.stringify(listing, null, 2) + "\n");
    return 0;
  }
  if (holdings.length === 0) {
    print(`The store ${store.folder} holds no results\n`);
    return 0;
  }
  const now = Date.now();
  for (const [pipeline, stages] of Map.groupBy(listing.stages, (each) => each.pipeline)) {
    const rows = stages.map((each) => [
      each.stage,
      String(each.results),
      formatBytes(each.bytes),
      formatAge(now - Date.parse(each.newest)),
      formatAge(now - Date.parse(each.lastUsed)),
      formatSeconds(each.seconds),
    ]);
    const columns = ["stage", "results", "size", "made", "used", "took"];
    print(`\n${renderTable({ title: pipeline, columns, rows }, colors)}`);
  }
  const seconds = holdings.reduce((sum, holding) => sum + holding.seconds, 0);
  print(
    `\n${count(holdings.length, "result")}: ${formatBytes(listing.bytes)}, ` +
      `made in ${formatSeconds(seconds)}\n`,
  );
  const { packs, files, bytes } = listing.packed;
  if (packs > 0) {
    print(`${count(files, "file")} in ${count(packs, "pack")}, which take ${formatBytes(bytes)}\n`);
  }
  return 0;
}

/** @param holdings at least one */
function describe(holdings: Holding[], contents: Contents): StoredStage {
  const made = holdings.map(({ madeAt }) => madeAt);
  const [{ pipeline, id }] = holdings;
  return {
    pipeline,
    stage: id,
    results: holdings.length,
    bytes: bytesOf(holdings, contents),
    oldest: utc(Math.min(...made)),
    newest: utc(Math.max(...made)),
    lastUsed: utc(Math.max(...holdings.map(({ usedAt }) => usedAt))),
    seconds: holdings.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
