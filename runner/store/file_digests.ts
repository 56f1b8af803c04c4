/**
 * Digests of single files outside the store, known by stat. All are in one file, because a pipeline
 * may name thousands and a look into a file for each would take longer than all else.
 *
 * ```
 * <digest of the next line>
 * [[path, stat, digest], …]
 * ```
 *
 * What is learnt is appended, and rewritten now and then. A line that is not whole counts for nothing.
 *
 * @module
 */
import { digestBytes, digestFile } from "./digest.ts";
import { type AtomicFiles, followIfThere, hasCode, parent, readIfThere } from "./files.ts";
import { isSettled, statLine } from "./path_digests.ts";

type Entry = [path: string, stat: string, digest: string];

/** With more additions than this the file is rewritten. */
const MANY_PARTS = 50;

/** What is known of files. */
export class FileDigests {
  #known: Map<string, Entry> | undefined;
  #learnt: Entry[] = [];

  /**
   * @param cacheFile absolute path
   * @param files to write there what is learnt
   */
  constructor(readonly cacheFile: string, readonly files: AtomicFiles) {}

  /**
   * Digest of a file's content.
   *
   * @param path absolute
   * @param info its stat, links followed
   * @param learn whether what is learnt may be written down
   * @param now time of reading, in milliseconds
   */
  digest(
    path: string,
    info: Deno.FileInfo,
    { learn, now = Date.now() }: { learn: boolean; now?: number },
  ): string {
    this.#known ??= this.#load(learn);
    const stat = statLine(info);
    const known = this.#known.get(path);
    if (known?.[1] === stat) return known[2];
    const { digest } = digestFile(path);
    if (isSettled(info, now)) {
      const entry: Entry = [path, stat, digest];
      this.#known.set(path, entry);
      if (learn) this.#note(entry);
    }
    return digest;
  }

  #note(entry: Entry): void {
    // One addition for all that is learnt in this turn of the event loop.
    if (this.#learnt.length === 0) queueMicrotask(() => this.#append());
    this.#learnt.push(entry);
  }

  #append(): void {
    const text = part(this.#learnt.splice(0));
    ifPossible(() => {
      Deno.mkdirSync(parent(this.cacheFile), { recursive: true });
      Deno.writeTextFileSync(this.cacheFile, text, { append: true });
    });
  }

  #load(learn: boolean): Map<string, Entry> {
    const lines = (readIfThere(this.cacheFile) ?? "").split("\n");
    const known = new Map<string, Entry>();
    let parts = 0;
    for (let i = 1; i < lines.length; i++) {
      if (lines[i - 1].length !== 64 || digestBytes(lines[i]) !== lines[i - 1]) continue;
      const entries: Entry[] = JSON.parse(lines[i]);
      for (const entry of entries) known.set(entry[0], entry);
      parts++;
    }
    if (learn && parts > MANY_PARTS) {
      const there = [...known.values()].filter(([path]) => followIfThere(path)?.isFile);
      ifPossible(() => this.files.writeCache(this.cacheFile, part(there)));
    }
    return known;
  }
}

/** Begins on a new line, so that what a crash has torn before it does not spoil it. */
function part(entries: Entry[]): string {
  const line = JSON.stringify(entries);
  return `\n${digestBytes(line)}\n${line}\n`;
}

/** It only saves time: a run that can go on without it does. */
function ifPossible(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!hasCode(error, "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ENOENT")) throw error;
  }
}
