/**
 * Results shared with others: a stage whose result is not in the store may be in a remote cache, and
 * what was made here is given there.
 *
 * ```ts
 * using remote = new RemoteCache(openPlace("https://cache/sr4ir", token), { store, … });
 * const record = await remote.fetch({ key, outputs: ["images"] }); // now in the store, or undefined
 * remote.giveLater(made); // goes on beside other work
 * await remote.finish(progress); // waits for what is under way
 * ```
 *
 * A remote cache never makes a run fail: what it does not give, or gives wrong, is made here.
 *
 * @module
 */
import type { ActionRecord } from "../../plan/record.ts";
import type { Store } from "../store.ts";
import { Line } from "./line.ts";
import { LocalError, type Place, RemoteError } from "./place.ts";
import { fetchOutputs, fetchRecord, hasOutputs } from "./receive.ts";
import { sendResult } from "./send.ts";
import { Slots } from "./slots.ts";
import type { Progress } from "./tally.ts";

/** Results given at a time. */
const GIVEN_AT_ONCE = 2;

/** So many contents of a result are looked for one by one; of more, the rest is believed. */
const LOOKED_AT = 1000;

/** How a remote cache is used. */
export interface RemoteOptions {
  store: Store;
  /** Give nothing. */
  readOnly: boolean;
  /** Told, in one line, what does not work. */
  notify: (text: string) => void;
  /** The person wants to stop: nothing more is asked, and what is under way is broken off. */
  stop: AbortSignal;
  /** Seconds without a sign of life that count as a failure. */
  patience?: number;
}

/** What is asked for. */
export interface Wanted {
  key: string;
  /** Names of the stage's outputs. */
  outputs: string[];
}

/** A remote cache in use. */
export class RemoteCache implements Disposable {
  readonly #line: Line;
  readonly #store: Store;
  readonly #fetches = new Map<string, Promise<ActionRecord | undefined>>();
  readonly #there = new Set<string>();
  readonly #givers = new Slots(GIVEN_AT_ONCE);
  readonly #giving = new Map<string, { work: Promise<boolean>; done: number; total: number }>();
  readonly #stop: AbortSignal;
  readonly #notify: (text: string) => void;

  constructor(place: Place, { store, readOnly, notify, stop, patience }: RemoteOptions) {
    this.#line = new Line(
      place,
      { notify, stop, ...(patience !== undefined && { patience }) },
      { readOnly },
    );
    this.#store = store;
    this.#stop = stop;
    this.#notify = notify;
  }

  /** What to call it. */
  get name(): string {
    return this.#line.name;
  }

  /** Whether it still takes results. */
  get takes(): boolean {
    return this.#line.writable;
  }

  /** Whether it still answers. */
  get answers(): boolean {
    return this.#line.readable;
  }

  /** Looks for a result without fetching it. */
  async find({ key, outputs }: Wanted): Promise<ActionRecord | undefined> {
    return await this.#harmless(async () => {
      const record = await fetchRecord(this.#line, key, outputs);
      if (record === undefined) return undefined;
      const { objects } = this.#store;
      return await hasOutputs(this.#line, objects, record, LOOKED_AT) ? record : undefined;
    });
  }

  /** Brings a result into the store, if it is there. @returns its record; undefined if it is not */
  async fetch(
    { key, outputs }: Wanted,
    progress: Progress = () => {},
  ): Promise<ActionRecord | undefined> {
    const before = this.#fetches.get(key);
    if (before !== undefined) return await before;
    const fetching = this.#harmless(async () => {
      const record = await fetchRecord(this.#line, key, outputs);
      if (record === undefined) return undefined;
      const whole = await fetchOutputs(this.#line, this.#store.objects, record, progress);
      if (!whole) return undefined;
      this.#store.takeRecord(record);
      return record;
    });
    this.#fetches.set(key, fetching);
    return await fetching;
  }

  /** Gives a result that is in the store. @returns whether it is there now */
  async give(record: ActionRecord, progress: Progress = () => {}): Promise<boolean> {
    return await this.#givers.use(async () => {
      if (!this.#line.writable) return false;
      const given = await this.#harmless(async () => {
        try {
          await sendResult(this.#line, this.#store.objects, record, this.#there, progress);
          return true;
        } catch (error) {
          if (!(error instanceof LocalError)) throw error;
          // That this one is broken says nothing of the others.
          this.#notify(`cannot share the result of ${record.madeBy.id}: ${error.message}`);
        }
      });
      return given ?? false;
    });
  }

  /** Gives a result beside other work; {@link RemoteCache.finish} waits for it. */
  giveLater(record: ActionRecord): void {
    if (!this.#line.writable) return;
    const entry = { done: 0, total: 0, work: Promise.resolve(false) };
    entry.work = this.give(record, (done, total) => Object.assign(entry, { done, total }))
      .finally(() => this.#giving.delete(record.key));
    this.#giving.set(record.key, entry);
  }

  /**
   * Waits until all is given, or broken off.
   *
   * @param progress told from time to time how many bytes, of those known of, have gone
   */
  async finish(progress: Progress): Promise<void> {
    const tell = () => {
      const all = [...this.#giving.values()];
      const sum = (pick: (each: { done: number; total: number }) => number) =>
        all.reduce((total, each) => total + pick(each), 0);
      progress(sum(({ done }) => done), sum(({ total }) => total));
    };
    // Most runs have nothing to wait for, and so nothing to tell.
    const timer = setInterval(tell, 500);
    try {
      await Promise.allSettled([...this.#giving.values()].map(({ work }) => work));
    } finally {
      clearInterval(timer);
    }
  }

  /** Lets go of connections. */
  [Symbol.dispose](): void {
    this.#line.close();
  }

  /** Whatever the remote cache does comes to "not there"; only a mistake of this program passes. */
  async #harmless<T>(step: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      if (!this.#line.readable) return undefined;
      return await step();
    } catch (error) {
      if (error instanceof RemoteError || this.#stop.aborted) return undefined; // the line has told
      if (!(error instanceof LocalError)) throw error;
      this.#line.giveUp(`cannot use it: ${error.message}`);
      return undefined;
    }
  }
}
