/**
 * Stages that another runner on the same store is at work on: what it makes is a hit here.
 *
 * @module
 */
import { inLines, UserError } from "../diagnostic.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { Claim } from "../store/claims.ts";
import type { Store } from "../store/store.ts";
import type { Failure } from "./executor.ts";
import type { ReadyStage } from "./job.ts";
import type { RunEvent } from "./run_event.ts";

/** Milliseconds between looks at what others hold: a look costs a tenth of one. */
const LOOK_EVERY = 200;

/** It was made since it was planned: by another, or with params of which it reads the same. */
export interface Made {
  status: "made";
  record: ActionRecord;
  reason: string;
}

/** What became of asking for a stage. */
export type Answer =
  /** It is ours to run. */
  | { status: "ours"; claim: Claim }
  | Made
  | { status: "held" }
  /** The store takes nothing. */
  | { status: "refused"; failure: Failure };

/** Asks for stages, and knows which of them others have. */
export class Elsewhere {
  /** Key → who has it, as the person was told. */
  readonly #holders = new Map<string, string>();
  #next: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly store: Pick<Store, "claim" | "lookup">,
    readonly emit: (event: RunEvent) => void,
    readonly findUnread: (stage: ReadyStage) => Pick<Made, "record" | "reason"> | undefined = () =>
      undefined,
  ) {}

  /** Asks for a stage before it is started. @param forced what is stored is not wanted */
  ask(stage: ReadyStage, forced: boolean): Answer {
    const { instance: { id }, key } = stage;
    try {
      const taken = this.store.claim(key);
      if ("heldBy" in taken) {
        const { host, pid } = taken.heldBy;
        const holder = `${host}, process ${pid}`;
        if (this.#holders.get(key) !== holder) {
          this.emit({ type: "held", id, key, host, pid });
        }
        this.#holders.set(key, holder);
        return { status: "held" };
      }
      const { claim } = taken;
      // Only now: until it was ours another may have finished it.
      const found = forced ? undefined : this.store.lookup(key);
      if (found?.status === "found") {
        claim.release();
        return this.#made(key, found.record);
      }
      this.#holders.delete(key);
      const other = forced ? undefined : this.findUnread(stage);
      if (other) {
        claim.release();
        return { status: "made", record: other.record, reason: other.reason };
      }
      return { status: "ours", claim };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { status: "refused", failure: { kind: "store", message: inLines(error) } };
    }
  }

  /** Whether others have any. */
  get waits(): boolean {
    return this.#holders.size > 0;
  }

  /** What another has made of a stage that was held; costs nothing for any other. */
  look({ key }: ReadyStage): Made | undefined {
    if (!this.#holders.has(key)) return undefined;
    const found = this.store.lookup(key);
    return found.status === "found" ? this.#made(key, found.record) : undefined;
  }

  #made(key: string, record: ActionRecord): Made {
    const holder = this.#holders.get(key);
    this.#holders.delete(key);
    const reason = `made meanwhile by another runner${holder === undefined ? "" : ` (${holder})`}`;
    return { status: "made", record, reason };
  }

  /** Resolves when it is time to ask again; undefined if none of the stages is held. */
  next(ready: Iterable<ReadyStage>): Promise<void> | undefined {
    if (!this.waits || ![...ready].some(({ key }) => this.#holders.has(key))) return undefined;
    this.#next ??= new Promise((resolve) => {
      this.#timer = setTimeout(() => {
        this.#next = undefined;
        resolve();
      }, LOOK_EVERY);
    });
    return this.#next;
  }

  /** Ends the waiting. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
