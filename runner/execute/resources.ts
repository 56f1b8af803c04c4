/**
 * What the machine has to give, and what running stages have taken.
 *
 * @module
 */
import type { Resources } from "../pipeline/instance.ts";
import type { Gpu } from "./gpus.ts";

/** What can be shared out. */
export interface Capacity {
  cpu: number;
  /** Bytes. */
  memory: number;
  gpus: Gpu[];
  /** Of each named thing, e.g. `{ disk: 2 }`; of one that is not named here there is one. */
  slots: Record<string, number>;
  /** Stages at once; undefined for as many as the rest allows. */
  stages?: number;
}

/** What a stage was given. */
export interface Grant {
  gpus: Gpu[];
  /** Repeating it changes nothing. */
  giveBack(): void;
}

/** What is taken or free; a name that is in a mutex counts as a slot of its own kind. */
interface Amounts {
  stages: number;
  cpu: number;
  memory: number;
  slots: Map<string, number>;
}

/** Counts what is free. */
export class ResourcePool {
  readonly #total: Capacity;
  readonly #onFree: () => void;
  #used: Amounts = { stages: 0, cpu: 0, memory: 0, slots: new Map() };
  #gpus: Gpu[];
  #queue: { wanted: Resources; give: (grant: Grant) => void }[] = [];

  /** @param onFree called whenever something has been given back and nobody who waits took it all */
  constructor(total: Capacity, onFree: () => void = () => {}) {
    this.#total = total;
    this.#gpus = [...total.gpus];
    this.#onFree = onFree;
  }

  /** Whether nothing at all can be taken: every stage needs a processor. */
  get isFull(): boolean {
    const { stages, cpu } = this.#used;
    return cpu >= this.#total.cpu || stages >= (this.#total.stages ?? Infinity);
  }

  /**
   * Takes what a stage asks for, if that much is free now. A stage that asks for more than there is
   * gets all there is, alone: it runs slower, but with the thread count it declared.
   *
   * @returns undefined if the stage has to wait
   */
  take(wanted: Resources): Grant | undefined {
    const total = this.#total;
    const claim: Amounts = {
      stages: 1,
      cpu: Math.min(wanted.cpu, total.cpu),
      memory: Math.min(wanted.memory ?? 0, total.memory),
      slots: this.#slotsOf(wanted),
    };
    const gpus = Math.min(wanted.gpu, total.gpus.length);
    const used = this.#used;
    const fits = used.stages < (total.stages ?? Infinity) &&
      used.cpu + claim.cpu <= total.cpu &&
      used.memory + claim.memory <= total.memory &&
      gpus <= this.#gpus.length &&
      [...claim.slots].every(([name, n]) => (used.slots.get(name) ?? 0) + n <= this.#sizeOf(name));
    if (!fits) return undefined;
    this.#add(claim, 1);
    const taken = this.#gpus.splice(0, gpus);
    let held = true;
    return {
      gpus: taken,
      giveBack: () => {
        if (!held) return;
        held = false;
        this.#add(claim, -1);
        // In their order, so that a stage alone on the machine has the first one, run after run.
        const free = new Set([...this.#gpus, ...taken]);
        this.#gpus = total.gpus.filter((gpu) => free.has(gpu));
        this.#serve();
        this.#onFree();
      },
    };
  }

  /**
   * Takes it as soon as it is free, before any stage that has not started yet.
   *
   * @returns undefined if the signal was first
   */
  async takeSoon(wanted: Resources, signal: AbortSignal): Promise<Grant | undefined> {
    if (signal.aborted) return undefined;
    const now = this.take(wanted);
    if (now) return now;
    const { promise, resolve } = Promise.withResolvers<Grant | undefined>();
    const waiting = { wanted, give: resolve };
    const stop = () => {
      this.#queue = this.#queue.filter((each) => each !== waiting);
      resolve(undefined);
    };
    this.#queue.push(waiting);
    signal.addEventListener("abort", stop, { once: true });
    const grant = await promise;
    signal.removeEventListener("abort", stop);
    return grant;
  }

  #serve(): void {
    this.#queue = this.#queue.filter(({ wanted, give }) => {
      const grant = this.take(wanted);
      if (grant) give(grant);
      return !grant;
    });
  }

  #slotsOf({ slots = {}, mutex = [] }: Resources): Map<string, number> {
    return new Map([
      ...Object.entries(slots).map(([name, n]): [string, number] => {
        const id = `slot ${name}`;
        return [id, Math.min(n, this.#sizeOf(id))];
      }),
      ...mutex.map((name): [string, number] => [`mutex ${name}`, 1]),
    ]);
  }

  #sizeOf(id: string): number {
    const [kind, name] = id.split(" ");
    return kind === "slot" ? this.#total.slots[name] ?? 1 : 1;
  }

  #add({ stages, cpu, memory, slots }: Amounts, sign: 1 | -1): void {
    this.#used.stages += sign * stages;
    this.#used.cpu += sign * cpu;
    this.#used.memory += sign * memory;
    for (const [name, n] of slots) {
      this.#used.slots.set(name, (this.#used.slots.get(name) ?? 0) + sign * n);
    }
  }
}

/** What one stage holds from its start to its end. It may let go of it for a while. */
export class Holding {
  #pool: ResourcePool;
  #grant: Grant | undefined;

  constructor(pool: ResourcePool, grant: Grant) {
    this.#pool = pool;
    this.#grant = grant;
  }

  /** The GPUs that it may use; those without an id are not to be told apart. */
  get gpus(): Gpu[] {
    return this.#grant?.gpus ?? [];
  }

  /** Gives everything back. */
  release(): void {
    this.#grant?.giveBack();
    this.#grant = undefined;
  }

  /** Takes something again, after {@link Holding.release}. @returns whether the signal was not first */
  async retake(wanted: Resources, signal: AbortSignal): Promise<boolean> {
    this.#grant = await this.#pool.takeSoon(wanted, signal);
    return this.#grant !== undefined;
  }
}
