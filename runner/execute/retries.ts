/**
 * Whether a stage that has failed gets another attempt: when, and with how much memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Resources, StageInstance } from "../pipeline/instance.ts";
import type { Failure } from "./executor.ts";

/** A refused access or a full disk would only happen again. */
const WORTH_ANOTHER_TRY = new Set<Failure["kind"]>(["mistake", "error", "crash", "timeout"]);

/** Seconds that no wait is longer than, but for its jitter. */
const LONGEST_WAIT = 60;

/** An attempt to come. */
export interface NextAttempt {
  /** From 2. */
  attempt: number;
  /** As far as is known now. */
  attempts: number;
  /** To wait before it. */
  waitSeconds: number;
  /** Its memory, where that is not what the attempt before had. Bytes. */
  memory?: number;
}

/** Counts the attempts at one stage. */
export class Retries {
  /** What the next attempt needs. */
  resources: Resources;
  #tried = 1;
  #retried = 0;
  #larger: number[];

  constructor(
    private readonly instance: Pick<StageInstance, "resources" | "retries">,
    private readonly key: string,
    private readonly backOff: number,
  ) {
    this.resources = instance.resources;
    this.#larger = [...instance.resources.moreMemory ?? []];
  }

  /**
   * An attempt has failed. One that has outgrown its memory is followed by one with the next size, as
   * long as there is one, at once; any other by as many more as `retries` says, after a while.
   *
   * @returns undefined if that was the last
   */
  next({ kind }: Failure): NextAttempt | undefined {
    const memory = kind === "memory" ? this.#larger.shift() : undefined;
    if (memory !== undefined) {
      this.resources = { ...this.resources, memory };
      return { ...this.#count(), waitSeconds: 0, memory };
    }
    if (this.#retried >= this.instance.retries || !WORTH_ANOTHER_TRY.has(kind)) return undefined;
    const waitSeconds = backOffSeconds(this.key, ++this.#retried, this.backOff);
    return { ...this.#count(), waitSeconds };
  }

  #count(): { attempt: number; attempts: number } {
    const left = this.instance.retries - this.#retried + this.#larger.length;
    this.#tried++;
    return { attempt: this.#tried, attempts: this.#tried + left };
  }
}

/**
 * Twice as long with each retry, and up to a quarter shorter or longer, so that stages which failed
 * together, as on a server that was down, do not all come back together. How much is told by the key:
 * the same run waits the same times.
 *
 * @param retry from 1
 * @param base seconds
 */
export function backOffSeconds(key: string, retry: number, base: number): number {
  const digest = createHash("sha256").update(`${key} ${retry}`).digest();
  const share = digest.readUInt32BE(0) / 2 ** 32; // [0, 1)
  return Math.min(LONGEST_WAIT, base * 2 ** (retry - 1)) * (0.75 + 0.5 * share);
}
