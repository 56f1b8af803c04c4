/**
 * From "done so far" to "how fast" and "how long still".
 *
 * @module
 */

/** Seconds that a rate looks back: long enough to be calm, short enough to follow a change. */
const WINDOW = 20;

/** Watches one stage's progress. Times are in seconds. */
export class Meter {
  #marks: { time: number; done: number }[] = [];
  #total = 0;

  /** Notes how far the stage has come. */
  update(done: number, total: number, time: number): void {
    const last = this.#marks.at(-1);
    // Going back, or another total, means another phase of the work: what was learned is void.
    if (last && (done < last.done || total !== this.#total)) this.#marks = [];
    this.#total = total;
    this.#marks.push({ time, done });
    while (this.#marks.length > 2 && this.#marks[1].time < time - WINDOW) this.#marks.shift();
  }

  /** Units per second; 0 if it is too early to say. */
  get rate(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.time - first.time < 0.3) return 0;
    return (last.done - first.done) / (last.time - first.time);
  }

  /** Seconds to the end as of `time`; undefined if it is too early to say. */
  remaining(time: number): number | undefined {
    const last = this.#marks.at(-1);
    if (!last || this.rate <= 0 || this.#total <= 0) return undefined;
    return Math.max(0, (this.#total - last.done) / this.rate - (time - last.time));
  }
}
