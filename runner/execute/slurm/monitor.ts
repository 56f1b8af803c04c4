/**
 * Follows all jobs by one clock: their files often, Slurm's queue less often, and never one by one.
 *
 * @module
 */
import { SlurmError } from "./client.ts";
import type { Queue, Snapshot } from "./queue.ts";
import type { QueueEntry } from "./states.ts";

/** A job that is followed. */
export interface Followed {
  /** Its id, once it has one. */
  id: string | undefined;
  /** Looks at its files. */
  look(): void;
  /**
   * Hears what the queue says.
   *
   * @param entry undefined if it does not know the job
   * @param at when it was asked, by `performance.now()`
   * @returns whether that is news
   */
  see(entry: QueueEntry | undefined, at: number): boolean;
}

/** Milliseconds between looks; tests are less patient. */
export interface MonitorPace {
  files: number;
  /** Between questions to Slurm when something happens. */
  queue: number;
  /** And when nothing does. */
  quietQueue: number;
}

/** After so many questions without an answer the person is told. */
const TOLD_AFTER = 3;

/** Works while there are jobs to follow. */
export class Monitor {
  readonly #jobs = new Set<Followed>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #asking = false;
  #due = 0;
  #wait: number;
  #unanswered = 0;

  constructor(
    private readonly queue: Queue,
    private readonly notify: (text: string) => void,
    private readonly pace: MonitorPace,
  ) {
    this.#wait = pace.queue;
  }

  /** Follows a job. */
  add(job: Followed): void {
    this.#jobs.add(job);
    this.hurry();
    this.#timer ??= setInterval(() => this.#tick(), this.pace.files);
  }

  /** Follows it no longer. */
  remove(job: Followed): void {
    this.#jobs.delete(job);
    if (this.#jobs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Something is about to happen: asks often again. */
  hurry(): void {
    this.#wait = this.pace.queue;
    this.#due = Math.min(this.#due, performance.now() + this.#wait);
  }

  #tick(): void {
    for (const job of [...this.#jobs]) job.look();
    if (this.#asking || performance.now() < this.#due) return;
    if (![...this.#jobs].some(({ id }) => id !== undefined)) return;
    this.#asking = true;
    void this.#ask().finally(() => this.#asking = false);
  }

  async #ask(): Promise<void> {
    const begun = performance.now();
    let snapshot: Snapshot | undefined;
    try {
      snapshot = await this.queue.look();
      if (this.#unanswered >= TOLD_AFTER) this.notify("Slurm answers again");
      this.#unanswered = 0;
    } catch (error) {
      if (!(error instanceof SlurmError)) throw error;
      if (++this.#unanswered === TOLD_AFTER) {
        this.notify(`${error.message}; jobs may go on meanwhile, waiting for it`);
      }
    }
    const isNews = snapshot !== undefined && await this.#tell(snapshot);
    this.#wait = isNews ? this.pace.queue : Math.min(this.pace.quietQueue, this.#wait * 1.25);
    // A Slurm that is slow to answer is busy enough.
    const end = performance.now();
    this.#due = end + Math.max(this.#wait, 3 * (end - begun));
  }

  async #tell({ at, byId }: Snapshot): Promise<boolean> {
    const jobs = [...this.#jobs].filter(({ id }) => id !== undefined);
    const forgotten = jobs.flatMap(({ id }) => id !== undefined && !byId.has(id) ? [id] : []);
    const recalled = await this.queue.recall(forgotten);
    let isNews = false;
    for (const job of jobs) {
      const id = job.id ?? "";
      const state = recalled.get(id);
      const entry = byId.get(id) ??
        (state === undefined ? undefined : { id, state, reason: "", comment: "" });
      isNews = job.see(entry, at) || isNews;
    }
    return isNews;
  }
}
