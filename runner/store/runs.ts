/**
 * Manifests of runs: one file for each run, written once and never changed.
 *
 * @module
 */
import { type AtomicFiles, hasCode, readIfThere } from "./files.ts";

/** What ids look like, e.g. `20261126-201530-k3f9`. */
const ID = /^\d{8}-\d{6}-[0-9a-z]{4}$/;

/**
 * Returns an id that sorts by time: the second in UTC, two digits (of base 36) for the millisecond,
 * two of chance for runs that begin at once.
 */
export function newRunId(now: Date): string {
  const [day, time] = now.toISOString().slice(0, 19).replace(/[-:]/g, "").split("T");
  const [chance] = crypto.getRandomValues(new Uint16Array(1));
  return `${day}-${time}-${twoDigits(now.getUTCMilliseconds())}${twoDigits(chance % 36 ** 2)}`;
}

function twoDigits(value: number): string {
  return value.toString(36).padStart(2, "0");
}

/** Returns ids of all runs, oldest first. @param folder the store's folder `runs` */
export function listRuns(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name.replace(/\.json$/, ""))
      .filter((name) => ID.test(name)).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Writes a manifest. @throws {RangeError} if there is one with this id: they never change */
export function writeRun(folder: string, id: string, text: string, files: AtomicFiles): void {
  const path = `${folder}/${id}.json`;
  if (readIfThere(path) !== undefined) throw new RangeError(`Cannot write run ${id}: it is there`);
  files.write(path, text, { mode: 0o444 });
}

/** Returns the text of a manifest; undefined if there is none. */
export function readRun(folder: string, id: string): string | undefined {
  return ID.test(id) ? readIfThere(`${folder}/${id}.json`) : undefined;
}
