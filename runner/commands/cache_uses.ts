/**
 * When stored results were last used, by what past runs noted.
 *
 * @module
 */
import { readRunRecord, type RunRecord } from "../runs/run_record.ts";
import type { Store } from "../store/store.ts";
import { namesIn } from "../store/files.ts";

/** Older runs than this many are not asked. */
const RUNS = 500;

/** Keys of the results that a run had, stored or new. */
export function keysOf({ stages }: RunRecord): string[] {
  return stages.flatMap(({ key, status }) =>
    key !== null && (status === "hit" || status === "ran") ? [key] : []
  );
}

/** Key → when a run last had it, in milliseconds. */
export function lastUses(store: Store): Map<string, number> {
  const uses = new Map<string, number>();
  for (const id of store.runIds().slice(-RUNS)) {
    const run = readRunRecord(store, id);
    if (run) { for (const key of keysOf(run)) uses.set(key, Date.parse(run.startedAt)); }
  }
  return uses;
}

/** Keys of the last runs; where no run was noted, those that pipelines last succeeded with. */
export function keysOfLastRuns(store: Store, count: number): Set<string> {
  const ids = store.runIds();
  if (ids.length > 0) {
    const runs = count === 0 ? [] : ids.slice(-count);
    return new Set(runs.flatMap((id) => {
      const run = readRunRecord(store, id);
      return run ? keysOf(run) : [];
    }));
  }
  const pipelines = namesIn(`${store.folder}/history`).map(decodeURIComponent);
  return new Set(count === 0 ? [] : pipelines.flatMap((name) => keysOfHistory(store, name)));
}

/** Keys that the stages of a pipeline last succeeded with. */
export function keysOfHistory(store: Store, pipeline: string): string[] {
  return [...store.remembered(pipeline).values()];
}
