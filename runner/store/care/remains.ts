/**
 * What interrupted stages and broken contents leave behind, and when it goes.
 *
 * @module
 */
import { namesIn, removeIfThere, statIfThere } from "../files.ts";
import type { Store } from "../store.ts";

/** One thing that was left behind. */
export interface Remains {
  /** Path inside the store. */
  what: string;
  bytes: number;
}

/**
 * Finds, and unless told otherwise removes, the work of stages that nobody has gone on with since a
 * time, checkpoints included, and what was set aside before it. What someone works on stays.
 *
 * @param before in milliseconds
 */
export function removeRemains(
  store: Pick<Store, "folder" | "claim">,
  before: number,
  { dryRun = false }: { dryRun?: boolean } = {},
): Remains[] {
  const found: Remains[] = [];
  const remove = (what: string) => {
    found.push({ what, bytes: measure(`${store.folder}/${what}`).bytes });
    if (!dryRun) removeIfThere(`${store.folder}/${what}`);
  };
  for (const name of namesIn(`${store.folder}/quarantine`)) {
    const what = `quarantine/${name}`;
    if (measure(`${store.folder}/${what}`).changed < before) remove(what);
  }
  for (const key of namesIn(`${store.folder}/work`)) {
    const what = `work/${key}`;
    const isOld = () => measure(`${store.folder}/${what}`).changed < before;
    if (!isOld()) continue;
    if (dryRun) {
      remove(what);
      continue;
    }
    const taken = store.claim(key);
    if (!("claim" in taken)) continue;
    if (isOld()) remove(what);
    taken.claim.release();
  }
  return found;
}

/** Bytes below a path, and the latest change of anything in it, in milliseconds. */
export function measure(path: string): { bytes: number; changed: number } {
  const info = statIfThere(path);
  let bytes = info?.isFile ? info.size : 0;
  let changed = info?.mtime?.getTime() ?? 0;
  if (info?.isDirectory) {
    for (const name of namesIn(path)) {
      const inner = measure(`${path}/${name}`);
      bytes += inner.bytes;
      changed = Math.max(changed, inner.changed);
    }
  }
  return { bytes, changed };
}
