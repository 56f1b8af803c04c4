/**
 * From what a stage asks for, and what the cluster wants to know, to the arguments of `sbatch`.
 *
 * @module
 */
import type { Job } from "../executor.ts";
import { type ClusterConfig, settingsFor } from "./config.ts";

/** Seconds of the shortest job: Slurm counts in minutes. */
const LEAST = 60;

/**
 * Seconds that the next job of a stage may last, all in all; undefined leaves it to the partition.
 *
 * @param usedSeconds what earlier jobs of the attempt have used up
 */
export function jobSeconds(
  job: Pick<Job, "uses" | "timeoutSeconds" | "graceSeconds">,
  usedSeconds: number,
  config: ClusterConfig,
): number | undefined {
  const { time, max_time: most } = settingsFor(config, job.uses);
  // A stage that has a timeout gets it whole: what it needs to save comes on top.
  const wanted = job.timeoutSeconds === undefined
    ? time
    : Math.max(0, job.timeoutSeconds - usedSeconds) + graceOf(job, config);
  if (wanted === undefined && most === undefined) return undefined;
  return Math.max(LEAST, Math.min(wanted ?? Infinity, most ?? Infinity));
}

/** The arguments that say what one job needs; jobs for which they are equal can be an array. */
export function sbatchArguments(job: Job, usedSeconds: number, config: ClusterConfig): string[] {
  const { partition, account, qos, memory, gres = "gpu", sbatch = [] } = settingsFor(
    config,
    job.uses,
  );
  const { resources } = job;
  const bytes = resources.memory ?? memory;
  const seconds = jobSeconds(job, usedSeconds, config);
  return [
    // A lost job is submitted again by the runner, which counts how often, and without delay.
    "--no-requeue",
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${resources.cpu}`,
    ...(bytes === undefined ? [] : [`--mem=${Math.ceil(bytes / 2 ** 20)}M`]),
    ...(resources.gpu === 0 ? [] : [`--gres=${gres}:${resources.gpu}`]),
    ...(seconds === undefined ? [] : [`--time=${formatLimit(seconds)}`]),
    // To the script alone, which passes it on; unless the partition has no limit, this comes in time.
    `--signal=B:USR1@${Math.round(Math.min(graceOf(job, config), (seconds ?? Infinity) / 2))}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(qos === undefined ? [] : [`--qos=${qos}`]),
    ...sbatch,
  ];
}

/** Seconds that a stage gets to save what it has. */
export function graceOf(
  { graceSeconds }: Pick<Job, "graceSeconds">,
  { grace }: Pick<ClusterConfig, "grace">,
): number {
  return graceSeconds ?? grace;
}

/** Hours, minutes and seconds, rounded up to whole minutes as Slurm does. */
function formatLimit(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return [Math.floor(minutes / 60), minutes % 60, 0].map((n) => String(n).padStart(2, "0"))
    .join(":");
}
