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
import type { Entry } from "./entry.ts";
import { locally } from "./pieces.ts";
import { LocalError, type Place, RemoteError } from "./place.ts";
import {
  fetchEntry,
  fetchFiles,
  fetchLog,
  fetchTrees,
  hasFiles,
  holdsFiles,
  type ReadTree,
} from "./receive.ts";
import { Given, sendResult } from "./send.ts";
import type { Trust } from "./signature.ts";
import { Slots } from "./slots.ts";
import type { Progress } from "./tally.ts";

/** Results given at a time. */
const GIVEN_AT_ONCE = 2;

/** So many contents of a result are looked for one by one; of more, the rest is believed. */
const LOOKED_AT = 1000;

/** Lists of files that come stay. */
const KEEP = { keep: true };

/** How a remote cache is used. */
export interface RemoteOptions {
  store: Store;
  /** Give nothing. */
  readOnly: boolean;
  /** Told, in one line, what does not work. */
  notify: (text: string) => void;
  /** The person wants to stop: nothing more is asked, and what is under way is broken off. */
  stop: AbortSignal;
  /** Told what it is well to know though all works; default `notify`. */
  warn?: (text: string) => void;
  /** Seconds without a sign of life that count as a failure. */
  patience?: number;
  /** Whose results are taken, and how own ones are signed; default everybody's, not at all. */
  trust?: Trust | undefined;
  /** Give only what was verified to be deterministic. */
  strict?: boolean;
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
  /** By key: results of which not everything has been fetched. */
  readonly #partly = new Map<string, Entry>();
  /** By digest of the list of files. */
  readonly #bringing = new Map<string, Promise<boolean>>();
  readonly #given = new Given();
  readonly #givers = new Slots(GIVEN_AT_ONCE);
  readonly #giving = new Map<string, { work: Promise<boolean>; done: number; total: number }>();
  readonly #heldBack = new Map<string, ActionRecord>();
  readonly #stop: AbortSignal;
  readonly #notify: (text: string) => void;
  readonly #warn: (text: string) => void;
  readonly #trust: Trust | undefined;
  readonly #strict: boolean;
  #warned = false;

  constructor(place: Place, options: RemoteOptions) {
    const { store, notify, warn = notify, stop, patience, trust, strict = false } = options;
    // Without a signature nobody would take it, and one that is signed would be lost.
    const readOnly = options.readOnly || (trust !== undefined && trust.sign === undefined);
    this.#line = new Line(
      place,
      { notify, stop, ...(patience !== undefined && { patience }) },
      { readOnly },
    );
    this.#store = store;
    this.#stop = stop;
    this.#notify = notify;
    this.#warn = warn;
    this.#trust = trust;
    this.#strict = strict;
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

  /** Whether the person wants to stop. */
  get isStopped(): boolean {
    return this.#stop.aborted;
  }

  /** Whether it is given results with a signature; false if only checking them is possible. */
  get signs(): boolean | undefined {
    return this.#trust && this.#trust.sign !== undefined;
  }

  /** Results that were not given because nobody has verified that they are deterministic. */
  get heldBack(): ActionRecord[] {
    return [...this.#heldBack.values()];
  }

  /** Looks for a result without fetching it. */
  async find(wanted: Wanted): Promise<ActionRecord | undefined> {
    return await this.#harmless(async () => {
      const found = await this.#find(wanted, { keep: false });
      if (found === undefined) return undefined;
      const { entry, trees } = found;
      const { objects } = this.#store;
      const isThere = await hasFiles(this.#line, objects, entry, trees, LOOKED_AT);
      return isThere ? entry.record : undefined;
    });
  }

  /**
   * Brings a result into the store, if it is there.
   *
   * @param needed names of the outputs that are; of the others it is only looked whether they could
   *   be fetched, and {@link RemoteCache.bring} fetches them. Default all
   * @returns its record, which is in the store once all outputs are; undefined if it is not there
   */
  async fetch(
    wanted: Wanted,
    progress: Progress = () => {},
    needed: string[] = wanted.outputs,
  ): Promise<ActionRecord | undefined> {
    const what = [wanted.key, ...needed].join(" ");
    const before = this.#fetches.get(what);
    if (before !== undefined) return await before;
    const fetching = this.#harmless(async () => {
      const found = await this.#find(wanted, { keep: true });
      if (found === undefined) return undefined;
      const { entry, trees } = found;
      const { objects } = this.#store;
      const now = new Set(needed.map((name) => entry.record.outputs[name]));
      const later = trees.filter(({ digest }) => !now.has(digest));
      if (!await hasFiles(this.#line, objects, entry, later, LOOKED_AT)) return undefined;
      const rest = trees.filter(({ digest }) => now.has(digest));
      if (!await fetchFiles(this.#line, objects, entry, rest, progress)) return undefined;
      if (!await this.#keepIfWhole(entry, later)) this.#partly.set(wanted.key, entry);
      return entry.record;
    });
    this.#fetches.set(what, fetching);
    return await fetching;
  }

  /**
   * Fetches what {@link RemoteCache.fetch} has left for later.
   *
   * @param outputs their names
   * @returns whether they are in the store now
   */
  async bring(
    key: string,
    outputs: string[],
    progress: Progress = () => {},
  ): Promise<boolean> {
    const entry = this.#partly.get(key);
    if (entry === undefined) return true; // all of it is here
    const came = await Promise.all(
      outputs.map((name) => this.#bringTree(entry, entry.record.outputs[name], progress)),
    );
    if (came.includes(false)) return false;
    await this.#harmless(async () => {
      const digests = Object.values(entry.record.outputs);
      const trees = await fetchTrees(this.#line, this.#store.objects, entry, digests, KEEP);
      if (trees && await this.#keepIfWhole(entry, trees)) this.#partly.delete(key);
    });
    return true;
  }

  async #bringTree(entry: Entry, digest: string, progress: Progress): Promise<boolean> {
    const bringing = this.#bringing.get(digest) ?? this.#harmless(async () => {
      const { objects } = this.#store;
      const trees = await fetchTrees(this.#line, objects, entry, [digest], KEEP);
      return trees && await fetchFiles(this.#line, objects, entry, trees, progress);
    }).then((came) => came ?? this.#store.holds(digest));
    this.#bringing.set(digest, bringing);
    const came = await bringing;
    if (!came) this.#bringing.delete(digest); // it may be made here, and is then
    return came;
  }

  async #find(
    { key, outputs }: Wanted,
    { keep }: { keep: boolean },
  ): Promise<{ entry: Entry; trees: ReadTree[] } | undefined> {
    const entry = await fetchEntry(this.#line, key, outputs);
    if (entry === undefined || !this.#isTrusted(entry)) return undefined;
    const digests = Object.values(entry.record.outputs);
    const trees = await fetchTrees(this.#line, this.#store.objects, entry, digests, { keep });
    return trees && { entry, trees };
  }

  #isTrusted({ record, signature }: Entry): boolean {
    if (this.#trust === undefined || this.#trust.isTrusted(record, signature)) return true;
    if (!this.#warned) {
      const what = "results that are not signed with a key that you trust count as not there";
      this.#warn(`remote cache ${this.name}: ${what}`);
    }
    this.#warned = true;
    return false;
  }

  /** The record comes last: it promises all outputs. @param trees those that may not be here */
  async #keepIfWhole(entry: Entry, trees: ReadTree[]): Promise<boolean> {
    const { objects } = this.#store;
    if (!holdsFiles(objects, trees)) return false;
    await fetchLog(this.#line, objects, entry);
    await locally(() => this.#store.takeRecord(entry.record));
    const { noteReads } = await import("../../plan/unread.ts"); // only now: most runs fetch nothing
    noteReads(this.#store, entry.record);
    return true;
  }

  /** Gives a result that is in the store. @returns whether it is there now */
  async give(record: ActionRecord, progress: Progress = () => {}): Promise<boolean> {
    if (this.#isHeldBack(record)) return false;
    return await this.#givers.use(async () => {
      if (!this.#line.writable) return false;
      const given = await this.#harmless(async () => {
        try {
          const how = { given: this.#given, trust: this.#trust, progress };
          await sendResult(this.#line, this.#store.objects, record, how);
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

  #isHeldBack(record: ActionRecord): boolean {
    const isFree = !this.#strict || record.verified?.deterministic !== undefined;
    if (isFree) this.#heldBack.delete(record.key);
    else if (this.takes) this.#heldBack.set(record.key, record);
    return !isFree;
  }

  /** Gives a result beside other work; {@link RemoteCache.finish} waits for it. */
  giveLater(record: ActionRecord): void {
    if (!this.#line.writable || this.#isHeldBack(record)) return;
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
