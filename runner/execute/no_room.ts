/**
 * A stage that found no room to write: it cannot write that down either, so its exit code says it.
 *
 * @module
 */
import { freeSpace, hasCode } from "../store/files.ts";
import type { Failure } from "./executor.ts";

/** Exit codes by what the system said: the disk, or a quota, is full; the file may not grow. */
const CODES: Record<string, number> = { ENOSPC: 74, EDQUOT: 74, EFBIG: 75 };

/** Makes a file that may not grow an error where it is written; by default it ends the process. */
export function surviveLimits(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => {});
}

/** The exit code for an error, or for what caused it; undefined for errors of another kind. */
export function noRoomCode(error: unknown): number | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = Object.keys(CODES).find((code) => hasCode(cause, code));
    if (code !== undefined) return CODES[code];
  }
  return undefined;
}

/**
 * What to tell of a stage that ended so; undefined if it ended otherwise.
 *
 * @param folder where it had to write
 */
export function noRoomFailure(
  id: string,
  folder: string,
  code: number | null,
  signal: string | null,
): Failure | undefined {
  if (code === CODES.ENOSPC) {
    const message = `stage "${id}" could not write: the disk is full (${freeSpace(folder)})\n` +
      `  Make room, or choose another store with --store FOLDER`;
    return { kind: "store", message };
  }
  // Before a stage can ask to survive that, it is ended.
  if (code === CODES.EFBIG || signal === "SIGXFSZ") {
    const message = `stage "${id}" could not write: the system allows no larger file\n` +
      `  Raise the limit (ulimit -f), or choose a store on another disk with --store FOLDER`;
    return { kind: "store", message };
  }
  return undefined;
}
