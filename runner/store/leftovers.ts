/**
 * What dead runners left behind. Temporary folders name their owner, so that the next runner can
 * tell.
 *
 * @module
 */
import type { Claims } from "./claims.ts";
import { namesIn, removeIfThere, statIfThere } from "./files.ts";
import { lifeOf, ownerOf } from "./owner.ts";

/** Milliseconds in which a runner elsewhere has surely finished a file. */
const FOREIGN_AGE = 7 * 24 * 3600 * 1000;

/**
 * Removes what dead processes left in a folder of folders with names of owners.
 *
 * @param now the time by the clock that dates these folders, which may be another machine's
 * @param foreignAge milliseconds after which those of owners go who cannot be asked
 */
export function removeLeftovers(
  folder: string,
  now: number = Date.now(),
  foreignAge: number = FOREIGN_AGE,
): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const owner = ownerOf(name);
    const life = owner === undefined ? "elsewhere" : lifeOf(owner);
    if (life === "dead" || (life === "elsewhere" && now - changed(path) > foreignAge)) {
      removeIfThere(path);
    }
  }
}

/** When something was changed; a moment ago if its owner was quicker to remove it. */
function changed(path: string): number {
  return statIfThere(path)?.mtime?.getTime() ?? Infinity;
}

/** Removes the folders of stages that have finished, and whose runner died before it could do that. */
export function removeFinishedWork(
  folder: string,
  isDone: (key: string) => boolean,
  claims: Claims,
): void {
  for (const key of namesIn(folder)) {
    if (!isDone(key)) continue;
    // Someone may just be making a result anew that was found broken.
    const taken = claims.take(key);
    if (!("claim" in taken)) continue;
    if (isDone(key)) removeIfThere(`${folder}/${key}`);
    taken.claim.release();
  }
}
