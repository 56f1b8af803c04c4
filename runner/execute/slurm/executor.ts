/**
 * Runs stages as jobs of Slurm, on a file system that its nodes share with this machine.
 *
 * The runner stays where it is and follows the jobs. If it dies they go on, and the next runner takes
 * them over.
 *
 * @module
 */
import type { Executor } from "../executor.ts";
import { endOrphan } from "../orphans.ts";
import { Canceller } from "./cancel.ts";
import { callSlurm, type SlurmClient } from "./client.ts";
import type { ClusterConfig } from "./config.ts";
import { type Cluster, SlurmJob } from "./job.ts";
import { Monitor, type MonitorPace } from "./monitor.ts";
import { Queue } from "./queue.ts";
import { jobFiles, type JobRecord, readExit, readRecord, writeRecord } from "./record.ts";
import { fateOf } from "./states.ts";
import { type SubmitPace, Submitter } from "./submit.ts";

/** All waiting, in milliseconds. */
export interface SlurmPace extends MonitorPace, SubmitPace {
  /** How late a shared file system may be. */
  settle: number;
}

/** Kind to a controller that serves thousands, quick enough for who watches. */
const PACE: SlurmPace = {
  files: 250,
  queue: 1000,
  quietQueue: 5000,
  gather: 200,
  backOff: 2000,
  tries: 8,
  settle: 30_000,
};

/** What the executor is made of. */
export interface SlurmOptions {
  /** Absolute path of the project; stages start there. */
  project: string;
  /** The `deno.json` whose import map the stages use. */
  denoConfig: string | undefined;
  config: ClusterConfig;
  /** Tells the person what happens to jobs. */
  notify: (text: string) => void;
  client?: SlurmClient;
  pace?: Partial<SlurmPace>;
  /** Milliseconds, rising; default: those since this process began. */
  now?: () => number;
}

/** Makes the executor. */
export function slurmExecutor(options: SlurmOptions): Executor {
  const { project, denoConfig, config, notify, client = callSlurm } = options;
  const pace = { ...PACE, ...options.pace };
  const queue = new Queue(client);
  const find = (comment: string) => queue.find(comment);
  const cluster: Cluster = {
    project,
    denoConfig,
    config,
    submitter: new Submitter(client, project, find, notify, pace),
    canceller: new Canceller(client),
    monitor: new Monitor(queue, notify, pace),
    signalOf: (id) => queue.signalOf(id),
    peakOf: (id) => queue.peakOf(id),
    release: (id) =>
      void client("scontrol", ["update", `JobId=${id}`, "StartTime=now"]).catch(() => {}),
    notify,
    settle: pace.settle,
    now: options.now ?? (() => performance.now()),
  };
  const adopted = new Map<string, JobRecord>();
  return {
    keepsTime: true,
    async adopt(folder) {
      await endOrphan(folder); // of a run on this machine
      const record = await findJob(folder, queue, cluster.canceller);
      if (record === undefined) return false;
      adopted.set(folder, record);
      return true;
    },
    start(job, onEvent) {
      const record = adopted.get(job.folder);
      adopted.delete(job.folder);
      return new SlurmJob(job, onEvent, cluster, record);
    },
  };
}

/** The job that an earlier runner has left, if it is at work or has come to an end worth having. */
async function findJob(
  folder: string,
  queue: Queue,
  canceller: Canceller,
): Promise<JobRecord | undefined> {
  const record = readRecord(folder);
  if (record === undefined) return undefined;
  const exit = readExit(jobFiles(folder, record.token));
  if (exit !== undefined && (exit.signal === null || exit.signal === "USR1")) return record;
  const { byId } = await queue.look();
  let { id } = record;
  if (id === null) {
    // The runner died while it submitted the job.
    const entry = [...byId.values()].find(({ comment }) => comment === record.comment);
    if (entry === undefined) return undefined;
    const [number] = entry.id.split("_");
    id = record.index === null ? number : `${number}_${record.index}`;
    writeRecord(folder, { ...record, id });
  }
  const state = byId.get(id)?.state;
  const fate = state === undefined ? undefined : fateOf(state);
  if (fate === "alive" && exit === undefined) return { ...record, id };
  // Somebody has stopped it, or it is on its way out: what it has saved is there to go on from.
  if (exit !== undefined || fate === "cancelled") {
    canceller.kill(id);
    return undefined;
  }
  return { ...record, id };
}
