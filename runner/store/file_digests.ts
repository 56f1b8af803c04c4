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
import { FileList } from "./file_list.ts";
import { STAT, statNumbers } from "./folder_memory.ts";
import { isSettled } from "./path_digests.ts";

/** In the file. Its stat is {@link statNumbers} with a space between them. */
type Entry = [path: string, stat: string, digest: string];

/** With more additions than this the file is rewritten. */
const MANY_PARTS = 50;

/** What is known of files. */
export class FileDigests {
  #known: FileList | undefined;
  /** By path: where on the list is what was learnt of it last. */
  readonly #places = new Map<string, number>();
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
    const known = this.#known ??= this.#load(learn);
    const stat = statNumbers(info);
    const place = this.#places.get(path);
    if (place !== undefined && known.hasNumbers(place, stat)) return known.digest(place);
    const { digest } = digestFile(path);
    if (isSettled(info, now)) {
      this.#add(known, path, stat, digest);
      if (learn) this.#note([path, stat.join(" "), digest]);
    }
    return digest;
  }

  #add(known: FileList, path: string, stat: number[], digest: string): void {
    this.#places.set(path, known.length);
    known.add(path, digest, stat);
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

  #load(learn: boolean): FileList {
    const lines = (readIfThere(this.cacheFile) ?? "").split("\n");
    const known = new FileList(STAT);
    let parts = 0;
    for (let i = 1; i < lines.length; i++) {
      if (lines[i - 1].length !== 64 || digestBytes(lines[i]) !== lines[i - 1]) continue;
      const entries: Entry[] = JSON.parse(lines[i]);
      for (const [path, stat, digest] of entries) {
        this.#add(known, path, stat.split(" ").map(Number), digest);
      }
      parts++;
    }
    if (learn && parts > MANY_PARTS) {
      const there = [...this.#places].filter(([path]) => followIfThere(path)?.isFile);
      const entries = there.map(([path, at]): Entry => [
        path,
        known.numbers(at).join(" "),
        known.digest(at),
      ]);
      ifPossible(() => this.files.writeCache(this.cacheFile, part(entries)));
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
