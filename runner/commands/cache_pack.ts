/**
 * `cache pack`: put small files that nothing has used for long into packs.
 *
 * @module
 */
import { readHoldings } from "../store/care/holdings.ts";
import { type Packed, packStore } from "../store/care/pack.ts";
import { safeHorizon } from "../store/care/sweep.ts";
import { explain, namesIn, statIfThere } from "../store/files.ts";
import { hasFormat } from "../store/format.ts";
import { Store } from "../store/store.ts";
import { count, formatBytes } from "../ui/format.ts";
import { lastUses } from "./cache_uses.ts";
import { longWork } from "./long_work.ts";
import type { StoreOption } from "./look.ts";
import { print, printError, storeFolder, type Surroundings } from "./options.ts";

/** Options of `cache pack`. */
export interface CachePackOptions extends StoreOption {
  /** Seconds. */
  olderThan: number;
  dryRun?: boolean;
}

/** What the contents of a store take. */
export interface Taken {
  /** Files, packs included, and links to them below `trees/`. */
  files: number;
  links: number;
  /** What all of it takes on the disk, folders included. */
  bytes: number;
}

/** What `--json` prints. */
export interface Packing extends Packed {
  store: string;
  dryRun: boolean;
  before: Taken;
  /** Null with `dryRun`: what packs take is known when they are made. */
  after: Taken | null;
}

/** Packs and tells. @returns the exit code: 1 if something could not be packed */
export async function cachePackCommand(
  { olderThan, dryRun = false, ...options }: CachePackOptions,
  { root, colors }: Surroundings,
): Promise<number> {
  const folder = storeFolder(root, options.store);
  using store = Store.open(folder, { write: !dryRun && hasFormat(folder) });
  const now = Date.now();
  const horizon = safeHorizon(store.folder, store.openedAt ?? now);
  const before = measure(store.folder);
  using work = longWork("packing", "steps", colors);
  const packed = await packStore(store, {
    holdings: [...readHoldings(store.folder, lastUses(store))],
    usedBefore: now - olderThan * 1000,
    horizon,
    dryRun,
    onProgress: (done, total) => work.show(done, total),
  }).catch((error) => {
    throw explain(store.folder, "pack files of the store", error);
  });
  const after = dryRun ? null : measure(store.folder);
  const packing: Packing = { store: store.folder, dryRun, before, after, ...packed };
  for (const what of packed.broken) {
    printError(`warning: not packed: ${what}; run again, and what made it runs anew\n`);
  }
  if (options.json) print(JSON.stringify(packing, null, 2) + "\n");
  else print(render(packing));
  return packed.broken.length === 0 ? 0 : 1;
}

function render({ dryRun, folders, packs, bytes, removed, before, after }: Packing): string {
  if (folders === 0) return "Nothing to pack\n";
  const gone = count(removed.files, "small file");
  const made = `${count(packs, "pack")} (${dryRun ? "at most " : ""}${formatBytes(bytes)})`;
  return `${gone} of ${count(folders, "folder")} ${dryRun ? "would be" : "are now"} in ${made}\n` +
    (after
      ? `before: ${inWords(before)}\nafter:  ${inWords(after)}\n`
      : `now: ${inWords(before)}\n`);
}

function inWords({ files, links, bytes }: Taken): string {
  return `${count(files, "file")}, ${count(links, "link")}, ${formatBytes(bytes)} on the disk`;
}

/** Bytes of which the system counts how many a file takes. */
const BLOCK = 512;

function measure(store: string): Taken {
  const taken: Taken = { files: 0, links: 0, bytes: 0 };
  const seen = new Set<number>();
  const visit = (path: string, kind: "files" | "links") => {
    const info = statIfThere(path);
    if (info === undefined) return;
    if (info.isDirectory) { for (const name of namesIn(path)) visit(`${path}/${name}`, kind); }
    else taken[kind]++;
    if (info.ino === null || !seen.has(info.ino)) taken.bytes += (info.blocks ?? 0) * BLOCK;
    if (info.ino !== null) seen.add(info.ino);
  };
  visit(`${store}/objects`, "files");
  visit(`${store}/packs`, "files");
  visit(`${store}/trees`, "links");
  return taken;
}
