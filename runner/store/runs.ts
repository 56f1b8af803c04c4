/**
 * Manifests of runs: `<id>.json` for each run that has ended, written once and never changed.
 *
 * While a run lasts, `<id>.open` says that it began and how far it is. If that is all there is of it
 * and its process is gone, it was killed.
 *
 * @module
 */
import { type AtomicFiles, namesIn, readIfThere, removeIfThere } from "./files.ts";

/** How the name of a run's notes ends. */
const OPEN = ".open";

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

/** Whether a text looks like an id, and so may be the name of a file. */
export function isRunId(text: string): boolean {
  return ID.test(text);
}

function twoDigits(value: number): string {
  return value.toString(36).padStart(2, "0");
}

/** Returns ids of all runs, oldest first. @param folder the store's folder `runs` */
export function listRuns(folder: string): string[] {
  const ids = namesIn(folder).map((name) => name.replace(/\.\w+$/, ""));
  return [...new Set(ids)].filter((id) => ID.test(id)).sort();
}

/** Returns ids of runs without a manifest: they last, or were killed. Oldest first. */
export function listOpenRuns(folder: string): string[] {
  const ids = namesIn(folder).filter((name) => name.endsWith(OPEN))
    .map((name) => name.slice(0, -OPEN.length));
  return ids.filter((id) => ID.test(id));
}

/** Says that a run has begun. It is not flushed: after a loss of power it never was. */
export function openRun(folder: string, id: string, text: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(openFile(folder, id), text, { createNew: true });
}

/** Adds to what {@link openRun} said. */
export function addToRun(folder: string, id: string, text: string): void {
  Deno.writeTextFileSync(openFile(folder, id), text, { append: true });
}

/** Writes a manifest. @throws {RangeError} if there is one with this id: they never change */
export function writeRun(folder: string, id: string, text: string, files: AtomicFiles): void {
  const path = `${folder}/${id}.json`;
  if (readIfThere(path) !== undefined) throw new RangeError(`Cannot write run ${id}: it is there`);
  files.write(path, text, { mode: 0o444 });
  removeIfThere(openFile(folder, id));
}

/** Returns the text of a manifest; undefined if there is none. */
export function readRun(folder: string, id: string): string | undefined {
  return ID.test(id) ? readIfThere(`${folder}/${id}.json`) : undefined;
}

/** Returns what {@link openRun} and {@link addToRun} said; undefined if the run has ended. */
export function readOpenRun(folder: string, id: string): string | undefined {
  return ID.test(id) ? readIfThere(openFile(folder, id)) : undefined;
}

function openFile(folder: string, id: string): string {
  return `${folder}/${id}${OPEN}`;
}
