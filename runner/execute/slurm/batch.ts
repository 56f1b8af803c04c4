/**
 * Gathers what comes in the same moment.
 *
 * @module
 */

/** Hands over all that was added until nothing more came for a while. */
export class Batch<T> {
  #items: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #first = 0;

  /**
   * @param hand takes what has come; must not throw
   * @param quiet milliseconds without anything new
   * @param most milliseconds that the first one waits at most
   */
  constructor(
    private readonly hand: (items: T[]) => void,
    private readonly quiet: number,
    private readonly most: number = 5 * quiet,
  ) {}

  /** Adds one. */
  add(item: T): void {
    if (this.#items.length === 0) this.#first = performance.now();
    this.#items.push(item);
    clearTimeout(this.#timer);
    const left = this.#first + this.most - performance.now();
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, Math.min(this.quiet, left)));
  }

  /** Takes one back. @returns whether it was still here */
  withdraw(item: T): boolean {
    const before = this.#items.length;
    this.#items = this.#items.filter((each) => each !== item);
    return this.#items.length < before;
  }

  #flush(): void {
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) this.hand(items);
  }
}
