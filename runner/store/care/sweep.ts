/**
 * Removes results, and then whatever belongs to no result any more, beside running pipelines.
 *
 * Records go first, then contents, then folders of links: killed at any moment, what is left is whole
 * results, and some of the rest for the next sweep. What is removed is first moved out of sight,
 * a few at a time while nobody looks anything up (presence.ts), and then deleted.
 *
 * @module
 */
import { UserError } from "../../diagnostic.ts";
import type { AtomicFiles } from "../files.ts";
import { hasCode, moveInto, namesIn, removeIfThere, statIfThere } from "../files.ts";
import { lockAlone, usesOf, whoIsPresent } from "../presence.ts";
import { recordPath } from "./holdings.ts";
import { measure } from "./remains.ts";

/** So many things are moved at once: some ten milliseconds in which others wait. */
const BATCH = 200;

/** Milliseconds between two attempts while others look something up. */
const PATIENCE = 5;

/** What was removed. */
export interface Swept {
  /** Keys of results. Those that a running pipeline has come to use meanwhile are not among them. */
  results: string[];
  /** Contents that no result needs, folders of links included. */
  contents: number;
  /** What the contents took, in bytes. */
  bytes: number;
}

/** What may go. */
export interface SweepOptions {
  /** Keys of results. */
  results: string[];
  /** Digests of contents that stay, those of the results that go and are spared included. */
  neededBy: (gone: ReadonlySet<string>) => { has(digest: string): boolean };
  /** Keys that stay all the same; asked while nobody looks anything up. */
  kept?: () => ReadonlySet<string>;
  /** Made before anything was read: what has changed since is not touched. */
  horizon: Horizon;
  /** Only counts. */
  dryRun?: boolean;
  /** Called now and then. */
  onProgress?: (done: number, total: number) => void;
}

/** Tells, in milliseconds, the time before which nothing that is unneeded can be in the making. */
export type Horizon = () => number;

/** Milliseconds by which times of files are rounded. */
const TICK = 1000;

/**
 * Sets the time before which nothing that is unneeded can be in the making; it only ever goes back,
 * when a program that is present begins anew because the clock was set back.
 *
 * To be asked before anything else of a store is read.
 *
 * @param now by the clock of the disk, in milliseconds
 */
export function safeHorizon(store: string, now: number): Horizon {
  const since = () => whoIsPresent(store).map(({ since }) => since);
  const first = since();
  // Who began in the future has not noticed yet what became of the clock: no file's time means much.
  let horizon = first.some((time) => time > now + TICK) ? 0 : Math.min(now, ...first);
  return () => horizon = Math.min(horizon, ...since());
}

/** Sweeps a store. @param store absolute path */
export async function sweep(
  store: string,
  files: AtomicFiles,
  { results, neededBy, horizon, kept = () => new Set(), dryRun = false, onProgress = () => {} }:
    SweepOptions,
): Promise<Swept> {
  const groups = namesIn(`${store}/objects`);
  const total = results.length + groups.length;
  const trash = new Trash(store, files, dryRun);

  const gone = new Set<string>();
  for (let at = 0; at < results.length; at += BATCH) {
    await trash.alone(() => {
      const used = kept().union(new Set(whoIsPresent(store).flatMap(usesOf)));
      const before = horizon();
      for (const key of results.slice(at, at + BATCH)) {
        const path = `${store}/${recordPath(key)}`;
        if (used.has(key) || isFresh(path, before)) continue;
        trash.add(path);
        gone.add(key);
      }
    });
    onProgress(Math.min(at + BATCH, results.length), total);
  }

  const needed = neededBy(gone);
  const swept: Swept = { results: [...gone], contents: 0, bytes: 0 };
  const unneeded = (digests: string[]) => {
    const before = horizon();
    return digests.filter((digest) =>
      !needed.has(digest) && !isFresh(objectPath(store, digest), before)
    );
  };
  for (const [i, group] of groups.entries()) {
    const names = namesIn(`${store}/objects/${group}`).filter((digest) => !needed.has(digest));
    for (const batch of batches(names)) {
      await trash.alone(() => {
        for (const digest of unneeded(batch)) {
          const path = objectPath(store, digest);
          swept.bytes += statIfThere(path)?.size ?? 0;
          swept.contents++;
          trash.add(path);
        }
      });
    }
    onProgress(results.length + i + 1, total);
  }
  // Only now: a link that goes counts as a change of the content.
  for (const room of ["trees", "packs"]) {
    for (const batch of batches(namesIn(`${store}/${room}`))) {
      await trash.alone(() => {
        for (const digest of unneeded(batch)) {
          const path = `${store}/${room}/${digest}`;
          if (room === "packs") swept.bytes += measure(path).bytes;
          trash.add(path);
          swept.contents++;
        }
      });
    }
  }
  return swept;
}

function objectPath(store: string, digest: string): string {
  return `${store}/objects/${digest.slice(0, 2)}/${digest}`;
}

/** Whether something has come, or was found useful, so lately that its result may still be on its way. */
export function isFresh(path: string, horizon: number): boolean {
  const info = statIfThere(path);
  // A system that does not tell could have changed it just now.
  return info !== undefined && (info.ctime?.getTime() ?? Infinity) >= horizon;
}

/** Names, so many at a time as others may wait for. */
export function* batches(names: string[]): Generator<string[]> {
  for (let at = 0; at < names.length; at += BATCH) yield names.slice(at, at + BATCH);
}

/** Moves things out of sight while others wait, deletes them when they do not. */
export class Trash {
  #moved: string[] = [];

  /** @param dryRun removes nothing */
  constructor(readonly store: string, readonly files: AtomicFiles, readonly dryRun: boolean) {}

  /** Runs a step in which nobody looks anything up. */
  async alone(step: () => void): Promise<void> {
    if (this.dryRun) return step();
    for (;;) {
      const came = lockAlone(this.store, step);
      if (came === "done") break;
      if (came === "impossible") throw noLock(this.store);
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
    this.#moved.splice(0).forEach(removeIfThere);
    await new Promise((resolve) => setTimeout(resolve));
  }

  /** Moves something away, if it is there. */
  add(path: string): void {
    if (this.dryRun) return;
    const aside = this.files.newName();
    try {
      moveInto(path, aside);
      this.#moved.push(aside);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error; // someone else has removed it
    }
  }
}

function noLock(store: string): UserError {
  return new UserError({
    message: `Cannot remove anything from ${store}: its filesystem cannot lock files`,
    notes: ["Without a lock a running pipeline could lose what it is about to read"],
  });
}
