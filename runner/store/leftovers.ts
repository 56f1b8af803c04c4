/**
 * What dead runners left behind. Temporary folders name their owner, so that the next runner can
 * tell.
 *
 * @module
 */
import type { Claims } from "./claims.ts";
import { hasCode, removeIfThere } from "./files.ts";
import { lifeOf, ownerOf } from "./owner.ts";

/** Leftovers of owners who cannot be asked go after this many milliseconds. */
const FOREIGN_AGE = 7 * 24 * 3600 * 1000;

/**
 * Removes what dead processes left in a folder of folders with names of owners.
 *
 * @param now the time by the clock that dates these folders, which may be another machine's
 */
export function removeLeftovers(folder: string, now: number = Date.now()): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const owner = ownerOf(name);
    const life = owner === undefined ? "elsewhere" : lifeOf(owner);
    if (life === "dead" || (life === "elsewhere" && isOld(path, now))) removeIfThere(path);
  }
}

function isOld(path: string, now: number): boolean {
  try {
    const changed = Deno.lstatSync(path).mtime?.getTime() ?? 0;
    return now - changed > FOREIGN_AGE;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false; // its owner was quicker
    throw error;
  }
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

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
