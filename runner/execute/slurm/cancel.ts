/**
 * Ends jobs, all that are to end in the same moment with one call.
 *
 * @module
 */
import { Batch } from "./batch.ts";
import type { SlurmClient } from "./client.ts";

/** Milliseconds in which wishes are gathered. */
const GATHER = 50;

/** So many jobs fit a command line. */
const AT_ONCE = 500;

/** Asks Slurm to end jobs. What fails is of no account: whoever asked looks whether they are gone. */
export class Canceller {
  readonly #client: SlurmClient;
  readonly #stops: Batch<string>;
  readonly #kills: Batch<string>;

  constructor(client: SlurmClient) {
    this.#client = client;
    this.#stops = new Batch((ids) => void this.#stop(ids), GATHER);
    this.#kills = new Batch((ids) => void this.#kill(ids), GATHER);
  }

  /** Takes a waiting job out of the queue, lets a running one save. */
  stop(id: string): void {
    this.#stops.add(id);
  }

  /** Ends a job now. */
  kill(id: string): void {
    this.#kills.add(id);
  }

  async #stop(ids: string[]): Promise<void> {
    await this.#call(["--state=PENDING"], ids);
    await this.#call(["--batch", "--signal=INT"], ids);
  }

  async #kill(ids: string[]): Promise<void> {
    await this.#call(["--full", "--signal=KILL"], ids); // without, Slurm waits for a kind end
    await this.#call([], ids);
  }

  async #call(options: string[], ids: string[]): Promise<void> {
    for (let i = 0; i < ids.length; i += AT_ONCE) {
      try {
        await this.#client("scancel", [...options, ...ids.slice(i, i + AT_ONCE)]);
      } catch {
        // One of them is gone, or does not run yet; the others have been told.
      }
    }
  }
}
