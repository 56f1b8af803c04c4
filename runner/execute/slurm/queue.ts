/**
 * Asks Slurm about all jobs at once.
 *
 * @module
 */
import { type SlurmClient, SlurmError } from "./client.ts";
import { fateOf, parseQueue, queueArguments, type QueueEntry } from "./states.ts";

/** What Slurm knew at one moment. */
export interface Snapshot {
  /** `performance.now()` before it was asked. */
  at: number;
  byId: Map<string, QueueEntry>;
}

/** The jobs of this user. */
export class Queue {
  #accounting = true;

  constructor(private readonly client: SlurmClient) {}

  /** All of them. @throws {SlurmError} */
  async look(): Promise<Snapshot> {
    const at = performance.now();
    const entries = parseQueue(await this.client("squeue", queueArguments(Deno.uid())));
    return { at, byId: new Map(entries.map((entry) => [entry.id, entry])) };
  }

  /** The id of a job with this comment; of an array that of a task. */
  async find(comment: string): Promise<string | undefined> {
    const { byId } = await this.look();
    return [...byId.values()].find((entry) =>
      entry.comment === comment && fateOf(entry.state) !== "cancelled"
    )?.id;
  }

  /** The signal that ended a job; 0 if none did, or Slurm does not say. */
  async signalOf(id: string): Promise<number> {
    const said = await this.client("scontrol", ["--oneliner", "show", "job", id]).catch(() => "");
    return Number(/\bExitCode=\d+:(\d+)/.exec(said)?.[1] ?? 0);
  }

  /** The most memory that a job's processes had, in bytes, where Slurm keeps accounts of it. */
  async peakOf(id: string): Promise<number | undefined> {
    if (!this.#accounting) return undefined;
    const args = ["--noheader", "--parsable2", "--noconvert", `--jobs=${id}`, "--format=MaxRSS"];
    const said = await this.client("sacct", args).catch(() => "");
    const peaks = said.split("\n").map(bytesOf).filter((bytes) => bytes > 0);
    return peaks.length === 0 ? undefined : Math.max(...peaks);
  }

  /**
   * The states of jobs that the queue has forgotten, where Slurm keeps accounts.
   *
   * @returns id → state; none for those that are not in the accounts either
   */
  async recall(ids: string[]): Promise<Map<string, string>> {
    if (!this.#accounting || ids.length === 0) return new Map();
    try {
      const said = await this.client("sacct", [
        "--noheader",
        "--parsable2",
        "--allocations",
        `--jobs=${ids.join(",")}`,
        "--format=JobID,State",
      ]);
      return new Map(
        said.split("\n").flatMap((line): [string, string][] => {
          const [id, state] = line.split("|");
          return state ? [[id, state]] : [];
        }),
      );
    } catch (error) {
      if (!(error instanceof SlurmError)) throw error;
      this.#accounting = error.problem === "unreachable"; // else there are none, and never will be
      return new Map();
    }
  }
}

/** `5324K` and the like; 0 for what is no such thing. */
function bytesOf(text: string): number {
  const [, number = "0", unit = ""] = /^([\d.]+)([KMGT]?)\|?$/.exec(text.trim()) ?? [];
  return Math.round(Number(number) * 1024 ** " KMGT".indexOf(unit || " "));
}
