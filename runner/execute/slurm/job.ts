/**
 * One attempt at a stage on the cluster: from submission to how it ended, over as many jobs of Slurm
 * as it takes.
 *
 * @module
 */
import type { ProcessEnd } from "../../plan/record.ts";
import { timeoutFailure } from "../attempt.ts";
import { EventReader, eventsLength, type StageEvent } from "../events.ts";
import type { Failure, Job, Outcome, RunningJob } from "../executor.ts";
import type { Canceller } from "./cancel.ts";
import type { SlurmError } from "./client.ts";
import type { ClusterConfig } from "./config.ts";
import { nothingSaved, refusal, tooOftenLost } from "./failures.ts";
import { layOut, type Surroundings } from "./lay_out.ts";
import type { Followed, Monitor } from "./monitor.ts";
import { graceOf, sbatchArguments } from "./options.ts";
import {
  endedAt,
  exitOf,
  type ExitRecord,
  hasNews,
  type JobFiles,
  jobFiles,
  type JobRecord,
  readExit,
  removeRecord,
  startedAt,
  writeRecord,
} from "./record.ts";
import { isStuck, type QueueEntry } from "./states.ts";
import type { Submission, Submitter } from "./submit.ts";
import { judge, type Verdict } from "./verdict.ts";

/** What all jobs share. */
export interface Cluster extends Surroundings {
  config: ClusterConfig;
  submitter: Submitter;
  canceller: Canceller;
  monitor: Monitor;
  /** The signal that ended a job, as Slurm says; 0 for none. */
  signalOf(id: string): Promise<number>;
  /** The most memory that it had, in bytes, if Slurm knows. */
  peakOf(id: string): Promise<number | undefined>;
  /** Lets a job that Slurm has put back into its queue start without delay. */
  release(id: string): void;
  notify: (text: string) => void;
  /** Milliseconds that a shared file system may be late. */
  settle: number;
  /** Milliseconds, rising, by which the time of jobs is counted: other clocks may be set. */
  now(): number;
}

/** Milliseconds after which a job that does not end is asked again. */
const ASK_AGAIN = 5000;

/** Milliseconds after which a killed job counts as ended, whatever Slurm says. */
const KILL_PATIENCE = 30_000;

/** A stage on the cluster. */
export class SlurmJob implements RunningJob, Followed {
  readonly outcome: Promise<Outcome>;
  readonly #resolve: (outcome: Outcome) => void;
  #record: JobRecord;
  #files: JobFiles;
  #reader: EventReader;
  #submission: Submission | undefined;
  #failure: Failure | undefined;
  /** How the script of the present job ended. */
  #exit: ExitRecord | undefined;
  /** Bytes that the stage's process said it has had. */
  #peak: number | undefined;
  #entry: QueueEntry | undefined;
  /** When the id became known: what Slurm said before does not count. */
  #since = 0;
  /** Since when Slurm says that the job is over, or knows nothing of it. */
  #overSince: number | undefined;
  /** When the job was first seen to have started, and how many seconds it had run by then. */
  #seen: { at: number; seconds: number } | undefined;
  #askedAt: number | undefined;
  #asks = 0;
  #killedAt: number | undefined;
  /** The signal that ended the script, once Slurm was asked. */
  #signal: Promise<void> | number | undefined;
  /** Whether it was asked because its time is up, by us. */
  #timedOut = false;
  #told = new Set<string>();
  #done = false;

  /** @param adopted what an earlier runner has submitted, to be taken over; else it is submitted now */
  constructor(
    private readonly job: Job,
    private readonly onEvent: (event: StageEvent) => void,
    private readonly cluster: Cluster,
    private readonly adopted: JobRecord | undefined,
  ) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#record = adopted ?? this.#fresh(0, 0);
    this.#files = jobFiles(job.folder, this.#record.token);
    this.#reader = new EventReader(job.request.events, this.#record.eventsFrom);
    cluster.monitor.add(this);
    if (adopted === undefined) this.#guard(() => this.#submit(this.#record));
    else this.#since = performance.now();
  }

  get id(): string | undefined {
    return this.#record.id ?? undefined;
  }

  stop(): void {
    if (this.#askedAt !== undefined || this.#done) return;
    this.#ask();
  }

  kill(): void {
    if (this.#killedAt !== undefined || this.#done) return;
    if (this.#askedAt === undefined) this.#ask();
    this.#killedAt = performance.now();
    if (this.id !== undefined) this.cluster.canceller.kill(this.id);
    this.cluster.monitor.hurry();
  }

  look(): void {
    this.#guard(() => {
      // In this order: what the stage said before it ended is then there to be read.
      const exit = this.#exit = readExit(this.#files) ?? this.#killedBy();
      this.#seeStart();
      this.#readEvents();
      if (exit === undefined) this.#watchTime();
      if (this.id === undefined && exit === undefined) return;
      const now = performance.now();
      const { folder, request, resources } = this.job;
      this.#follow(judge({
        id: request.id,
        job: this.id ?? "",
        exit,
        state: this.#overSince === undefined && this.#entry === undefined
          ? "PENDING" // nobody has said anything else yet
          : this.#entry?.state,
        asked: this.#askedAt !== undefined,
        killed: this.#killedAt !== undefined,
        failure: this.#failure,
        settled: this.#overSince !== undefined && now - this.#overSince > this.cluster.settle,
        memory: resources.memory,
        folder,
      }));
      if (!this.#done) this.#insist(now);
    });
  }

  see(entry: QueueEntry | undefined, at: number): boolean {
    if (this.#done || at < this.#since) return false;
    const isNews = entry?.state !== this.#entry?.state;
    this.#entry = entry;
    const isOver = entry === undefined || !/^(PENDING|RUNNING|SUSPENDED|CONFIG|REQUEUE)/.test(
      entry.state,
    );
    this.#overSince = isOver ? this.#overSince ?? performance.now() : undefined;
    if (entry?.state === "FAILED") this.#signal ??= this.#askSignal(entry.id);
    if (entry !== undefined) this.#guard(() => this.#tellWaiting(entry));
    return isNews;
  }

  async #askSignal(id: string): Promise<void> {
    const signal = await this.cluster.signalOf(id);
    if (id === this.id) this.#signal = signal;
  }

  /** Who kills a whole job, for its memory as a rule, leaves its script no time to say so. */
  #killedBy(): ExitRecord | undefined {
    return typeof this.#signal === "number" && this.#signal > 0
      ? { code: 128 + this.#signal, signal: null }
      : undefined;
  }

  #fresh(usedSeconds: number, losses: number): JobRecord {
    return {
      token: crypto.randomUUID().slice(0, 8),
      comment: "",
      index: null,
      id: null,
      eventsFrom: eventsLength(this.job.request.events),
      usedSeconds,
      losses,
    };
  }

  #submit(record: JobRecord): void {
    const { job, cluster } = this;
    this.#record = record;
    this.#files = jobFiles(job.folder, record.token);
    this.#reader = new EventReader(job.request.events, record.eventsFrom);
    this.#exit = undefined;
    this.#entry = undefined;
    this.#signal = undefined;
    this.#overSince = undefined;
    this.#seen = undefined;
    layOut(job, this.#files, cluster);
    this.#submission = {
      name: job.request.id.split("/")[0],
      key: job.key,
      token: record.token,
      script: this.#files.script,
      args: sbatchArguments(job, record.usedSeconds, cluster.config),
      onComment: (comment, index) => this.#note({ ...this.#record, comment, index }),
      onId: (id) => this.#started(id),
      onRefused: (error) => this.#guard(() => this.#refused(error)),
    };
    cluster.submitter.add(this.#submission);
  }

  #note(record: JobRecord): void {
    this.#record = record;
    writeRecord(this.job.folder, record);
  }

  #started(id: string): void {
    if (this.#done) return this.cluster.canceller.kill(id); // nobody waits for it any more
    this.#guard(() => this.#note({ ...this.#record, id }));
    this.#since = performance.now();
    this.cluster.monitor.hurry();
    if (this.#askedAt !== undefined) this.cluster.canceller.stop(id);
  }

  #refused(error: SlurmError): void {
    if (this.#askedAt !== undefined) return this.#end({ status: "interrupted" });
    this.#fail(refusal(this.job.request.id, this.#submission?.args ?? [], error));
  }

  #readEvents(): void {
    for (const event of this.#reader.read()) {
      if (event.type === "failed") this.#failure ??= event.failure;
      else if (event.type === "memory") this.#peak = Math.max(this.#peak ?? 0, event.bytes);
      else {
        if (event.type === "begun") this.#failure = undefined;
        this.onEvent(event);
      }
    }
  }

  #follow(verdict: Verdict): void {
    switch (verdict.then) {
      case "wait":
        return;
      case "end": {
        const { outcome } = verdict;
        const timedOut = this.#timedOut && outcome.status === "interrupted";
        return this.#end(timedOut ? this.#timeout() : outcome);
      }
      case "continue":
        return this.#goOn();
      case "again":
        return this.#again(verdict.why);
    }
  }

  /** The time of the job, not that of the stage, is over. */
  #goOn(): void {
    const { request, timeoutSeconds } = this.job;
    const started = startedAt(this.#files);
    const seconds = this.#secondsSoFar();
    if (timeoutSeconds !== undefined && seconds >= timeoutSeconds) {
      return this.#end(this.#timeout());
    }
    if (started === undefined || !hasNews(request.scratch, started)) {
      return this.#fail(nothingSaved(request.id, seconds - this.#record.usedSeconds));
    }
    this.cluster.notify(`${request.id}: the time of job ${this.id} is over; it goes on in another`);
    this.#submit(this.#fresh(seconds, this.#record.losses));
  }

  #again(why: string): void {
    const { id } = this.job.request;
    const { config, canceller, notify } = this.cluster;
    const losses = this.#record.losses + 1;
    if (losses > config.resubmit) {
      return this.#fail(tooOftenLost(id, `${this.id}`, why, config.resubmit));
    }
    notify(
      `${id}: job ${this.id} was lost (${why}); submitting it again (${losses} of ${config.resubmit})`,
    );
    if (this.id !== undefined) canceller.kill(this.id); // it must not come back beside the new one
    this.#submit(this.#fresh(this.#secondsSoFar(), losses));
  }

  #seeStart(): void {
    const started = this.#seen ? undefined : startedAt(this.#files);
    if (started === undefined) return;
    // What it ran while no runner was there only the times of its files tell.
    const isOld = this.#record.token === this.adopted?.token;
    const before = isOld ? (endedAt(this.#files) ?? Date.now()) - started : 0;
    this.#seen = { at: this.cluster.now(), seconds: Math.max(0, before) / 1000 };
  }

  #secondsSoFar(): number {
    const seen = this.#seen;
    return this.#record.usedSeconds +
      (seen ? seen.seconds + (this.cluster.now() - seen.at) / 1000 : 0);
  }

  #timeout(): Outcome {
    const { request, timeoutSeconds = 0 } = this.job;
    const late = this.#killedAt === undefined ? undefined : graceOf(this.job, this.cluster.config);
    return { status: "failed", failure: timeoutFailure(request.id, timeoutSeconds, late) };
  }

  #watchTime(): void {
    const { timeoutSeconds } = this.job;
    if (timeoutSeconds === undefined || this.#askedAt !== undefined) return;
    if (!this.#seen || this.#secondsSoFar() <= timeoutSeconds) return;
    this.#timedOut = true;
    this.#ask();
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.cluster.monitor.hurry();
    if (this.id !== undefined) return this.cluster.canceller.stop(this.id);
    if (this.#submission && this.cluster.submitter.withdraw(this.#submission)) {
      this.#end({ status: "interrupted" });
    }
  }

  /** A job that was asked while it started may not have heard. */
  #insist(now: number): void {
    const { canceller, config } = this.cluster;
    if (this.#killedAt !== undefined && now - this.#killedAt > KILL_PATIENCE) {
      this.#finish({ status: "interrupted" }); // its record stays, for the next runner
      return;
    }
    if (this.#askedAt === undefined || this.#killedAt !== undefined || this.id === undefined) {
      return;
    }
    if (this.#timedOut && now - this.#askedAt > graceOf(this.job, config) * 1000) {
      return this.kill();
    }
    if (now - this.#askedAt < ASK_AGAIN * (this.#asks + 1)) return;
    this.#asks++;
    canceller.stop(this.id);
  }

  #tellWaiting(entry: QueueEntry): void {
    if (entry.state === "PENDING" && entry.reason === "BeginTime" && startedAt(this.#files)) {
      this.cluster.release(entry.id);
    }
    if (!isStuck(entry) || this.#told.has(entry.reason)) return;
    this.#told.add(entry.reason);
    this.cluster.notify(
      `${this.job.request.id}: job ${entry.id} will not start before somebody changes something: ` +
        entry.reason,
    );
  }

  #fail(failure: Failure): void {
    this.#end({ status: "failed", failure });
  }

  #end(outcome: Outcome): void {
    removeRecord(this.job.folder);
    this.#finish(outcome);
  }

  #finish(outcome: Outcome): void {
    if (this.#done) return;
    this.#done = true;
    this.cluster.monitor.remove(this);
    void this.#ending(outcome).then((ending) => this.#resolve({ ...outcome, ending }));
  }

  /** A process that was killed has not said what it used: Slurm may know. */
  async #ending({ status }: Outcome): Promise<ProcessEnd> {
    const id = status === "failed" ? this.id : undefined;
    const peak = this.#peak ?? (id === undefined ? undefined : await this.cluster.peakOf(id));
    return { ...exitOf(this.#exit), ...(peak !== undefined && { peakMemory: peak }) };
  }

  /** What fails around a job ends that job, not the run. */
  #guard(step: () => void): void {
    if (this.#done) return;
    try {
      step();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#finish({ status: "failed", failure: { kind: "store", message } });
    }
  }
}
