/**
 * Adds up what the attempts at a stage took, and how those ended that have failed.
 *
 * @module
 */
import type { FailedAttempt, StageUsage } from "../plan/record.ts";
import type { Outcome } from "./executor.ts";

/** The attempts at one stage, from the first to the last. */
export class Usage {
  #peak = 0;
  #failures: FailedAttempt[] = [];

  /** An attempt has ended. @param failed what to keep of it if it has failed */
  add({ ending }: Outcome, failed?: FailedAttempt): void {
    this.#peak = Math.max(this.#peak, ending?.peakMemory ?? 0);
    if (!failed) return;
    const seconds = Math.round(failed.seconds * 1000) / 1000;
    this.#failures.push({ ...failed, seconds, ...ending });
  }

  /** All so far. */
  result(): StageUsage {
    return {
      ...(this.#peak > 0 && { peakMemory: this.#peak }),
      ...(this.#failures.length > 0 && { failures: [...this.#failures] }),
    };
  }
}

/** The same, taken out of something larger. */
export function usageOf({ peakMemory, failures }: StageUsage): StageUsage {
  return {
    ...(peakMemory !== undefined && { peakMemory }),
    ...(failures !== undefined && { failures }),
  };
}
