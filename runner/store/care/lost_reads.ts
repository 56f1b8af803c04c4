/**
 * What leads to results by the params that they have read (plan/unread.ts), and to those that are gone.
 *
 * @module
 */
import { hasCode, namesIn, removeIfThere, statIfThere } from "../files.ts";
import type { Store } from "../store.ts";
import { recordPath } from "./holdings.ts";

/**
 * Removes from the index what leads to no result any more. A runner that writes to it at the same time
 * may lose what it has written, which costs a run and nothing else.
 */
export function removeLostReads(store: Pick<Store, "folder" | "readCache">): void {
  const index = `${store.folder}/cache/reads`;
  for (const group of namesIn(index)) {
    const names = namesIn(`${index}/${group}`).filter((name) => name !== "sets");
    const lost = names.filter((name) => {
      const key = store.readCache(`reads/${group}/${name}`);
      return key === undefined || !statIfThere(`${store.folder}/${recordPath(key)}`);
    });
    const all = lost.length === names.length;
    for (const name of all ? [...lost, "sets"] : lost) removeIfThere(`${index}/${group}/${name}`);
    if (all) removeEmpty(`${index}/${group}`);
  }
}

function removeEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error; // somebody writes to it
  }
}
