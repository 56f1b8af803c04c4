/**
 * Stages whose runner was killed. They end by themselves as soon as they look; until then one may
 * be deep in a long computation, and must not write into the folder of the next attempt.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { readIfThere } from "../store/files.ts";
import { lifeOf, nameOf, type Owner, ownerOf, processOwner } from "../store/owner.ts";

/** Milliseconds between looks whether a killed process is gone. */
const LOOK_EVERY = 10;

/** Looks until it is hopeless: the system is then waiting for a disk that does not answer. */
const LOOKS = 1000;

/** Notes which process works in the folder in which its request lies. */
export function noteProcess(requestFile: string, pid: number): void {
  const owner = processOwner(pid);
  if (owner.started === "") return; // not to be told from a later one with its number
  Deno.writeTextFileSync(noteIn(dirname(requestFile)), nameOf(owner));
}

/**
 * Ends what an earlier runner has left at work in a folder.
 *
 * @throws {Error} if it does not end
 */
export async function endOrphan(folder: string): Promise<void> {
  const owner = ownerOf(readIfThere(noteIn(folder)) ?? "");
  if (owner === undefined) return;
  for (let look = 0; lifeOf(owner) === "alive"; look++) {
    if (look === LOOKS) {
      throw new Error(`process ${owner.pid}, left by an earlier run, does not end`);
    }
    kill(owner);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

function noteIn(folder: string): string {
  return join(folder, "process");
}

function kill({ pid }: Owner): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // gone meanwhile
  }
}
