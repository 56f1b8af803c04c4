/**
 * The last lines of a log.
 *
 * @module
 */

/** Enough for 20 long lines. */
const TAIL_BYTES = 16 * 1024;

/** Reads the end alone, however long the log is. @returns up to `lines` lines, none if there is no such file */
export function logTail(path: string, lines = 20): string[] {
  return lastLines(path, TAIL_BYTES).slice(-lines);
}

/** The whole lines among the last bytes of a file; none if there is no such file. */
export function lastLines(path: string, most: number): string[] {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    return []; // a stage that never started wrote nothing
  }
  try {
    const { size } = file.statSync();
    const start = Math.max(0, size - most);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    let length = 0;
    for (let n = file.readSync(bytes); n; n = file.readSync(bytes.subarray(length))) length += n;
    const text = new TextDecoder().decode(bytes.subarray(0, length)).trimEnd();
    if (text === "") return [];
    const all = text.split("\n");
    if (start > 0) all.shift(); // begins in the middle
    return all;
  } finally {
    file.close();
  }
}
