/**
 * What the machine has to give, and what running stages have taken.
 *
 * @module
 */
import type { Resources } from "../pipeline/instance.ts";

/** What can be shared out. */
export interface Capacity {
  cpu: number;
  /** Bytes. */
  memory: number;
  gpu: number;
}

/** Counts what is free. */
export class ResourcePool {
  #total: Capacity;
  #free: Capacity;

  constructor(total: Capacity) {
    this.#total = { ...total };
    this.#free = { ...total };
  }

  /**
   * Takes what a stage asks for, if that much is free now. A stage that asks for more than there is
   * gets all there is, alone: it runs slower, but with the thread count it declared.
   *
   * @returns gives it back, or undefined if the stage has to wait
   */
  take(wanted: Resources): (() => void) | undefined {
    const claim: Capacity = {
      cpu: Math.min(wanted.cpu, this.#total.cpu),
      memory: Math.min(wanted.memory ?? 0, this.#total.memory),
      gpu: Math.min(wanted.gpu, this.#total.gpu),
    };
    const free = this.#free;
    if (claim.cpu > free.cpu || claim.memory > free.memory || claim.gpu > free.gpu) {
      return undefined;
    }
    this.#add(claim, -1);
    let taken = true;
    return () => {
      if (taken) this.#add(claim, 1);
      taken = false;
    };
  }

  #add(claim: Capacity, sign: 1 | -1): void {
    this.#free.cpu += sign * claim.cpu;
    this.#free.memory += sign * claim.memory;
    this.#free.gpu += sign * claim.gpu;
  }
}

/**
 * What this machine has. Which GPUs there are is not asked: stages that want one take turns.
 *
 * @param jobs processors to use instead of all
 */
export function thisMachine(jobs: number | undefined): Capacity {
  return {
    cpu: jobs ?? navigator.hardwareConcurrency,
    memory: Deno.systemMemoryInfo().total,
    gpu: 1,
  };
}
