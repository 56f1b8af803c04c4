/**
 * Many files of a folder in little memory: a folder may have a hundred thousand, and an object for
 * each, with its texts, takes several times as much as what it says.
 *
 * @module
 */
import { compareText, type TreeFile } from "./tree.ts";

/** Bytes of a SHA-256. */
const DIGEST = 32;

/** Files by number, in the order in which they were added. */
export class FileList {
  readonly paths: string[];
  readonly #width: number;
  #numbers: Float64Array<ArrayBuffer>;
  #digests: Uint8Array<ArrayBuffer>;
  readonly #executable = new Set<number>();

  /**
   * @param width how many numbers are kept of each file; the first is its size in bytes
   * @param known files that are on the list, as {@link FileList.columns} gives them
   */
  constructor(
    width = 1,
    known: ReturnType<FileList["columns"]> = {
      paths: [],
      numbers: new Float64Array(),
      digests: new Uint8Array(),
    },
  ) {
    this.#width = width;
    this.paths = known.paths;
    this.#numbers = known.numbers;
    this.#digests = known.digests;
  }

  /** How many there are. */
  get length(): number {
    return this.paths.length;
  }

  /**
   * Adds a file.
   *
   * @param path relative to the folder, with `/`
   * @param digest 64 hexadecimal digits
   */
  add(path: string, digest: string, numbers: number[], executable = false): void {
    const at = this.paths.push(path) - 1;
    if (this.#numbers.length < (at + 1) * this.#width) {
      this.#numbers = larger(Float64Array, this.#numbers, this.#width);
      this.#digests = larger(Uint8Array, this.#digests, DIGEST);
    }
    this.#numbers.set(numbers, at * this.#width);
    this.#digests.subarray(at * DIGEST, (at + 1) * DIGEST).setFromHex(digest);
    if (executable) this.#executable.add(at);
  }

  /** Digest of a file, 64 hexadecimal digits. */
  digest(at: number): string {
    return this.#digests.subarray(at * DIGEST, (at + 1) * DIGEST).toHex();
  }

  /** What is kept of a file besides its digest. */
  numbers(at: number): Float64Array {
    return this.#numbers.subarray(at * this.#width, (at + 1) * this.#width);
  }

  /** Whether these are the numbers of a file; NaN is equal to nothing. */
  hasNumbers(at: number, numbers: number[]): boolean {
    return numbers.every((number, i) => number === this.#numbers[at * this.#width + i]);
  }

  /** What it knows, to be written down; whether files are executable is left out. */
  columns(): {
    paths: string[];
    /** Of all files, one after the other. */
    numbers: Float64Array<ArrayBuffer>;
    /** Likewise, as bytes. */
    digests: Uint8Array<ArrayBuffer>;
  } {
    return {
      paths: this.paths,
      numbers: this.#numbers.subarray(0, this.length * this.#width),
      digests: this.#digests.subarray(0, this.length * DIGEST),
    };
  }

  /** The files as a tree lists them: sorted by path. */
  *sorted(): Generator<TreeFile> {
    const order = new Uint32Array(this.length).map((_, i) => i);
    order.sort((a, b) => compareText(this.paths[a], this.paths[b]));
    for (const at of order) {
      yield {
        path: this.paths[at],
        digest: this.digest(at),
        size: this.#numbers[at * this.#width],
        ...(this.#executable.has(at) ? { executable: true } : {}),
      };
    }
  }
}

/** A copy with room for twice as much. @param width numbers of each file */
function larger<T extends Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
  Column: new (length: number) => T,
  column: T,
  width: number,
): T {
  const copy = new Column(Math.max(16 * width, 2 * column.length));
  copy.set(column);
  return copy;
}
