/**
 * How far a transfer of several files is.
 *
 * @module
 */

/** Hears how much of what is done, in bytes. */
export type Progress = (done: number, total: number) => void;

/** Sums up what has moved of several files. */
export class Tally {
  readonly #total: number;
  #done = 0;

  constructor(files: { size: number }[], readonly progress: Progress) {
    this.#total = files.reduce((sum, { size }) => sum + size, 0);
    progress(0, this.#total);
  }

  /** Counts for one file: takes how many of its bytes have moved; a second try begins anew. */
  forFile(): (bytes: number) => void {
    let before = 0;
    return (bytes) => {
      this.#done += bytes - before;
      before = bytes;
      this.progress(this.#done, this.#total);
    };
  }
}
