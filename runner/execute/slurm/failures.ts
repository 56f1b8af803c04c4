/**
 * What to tell of a stage for which Slurm has no further job.
 *
 * @module
 */
import { formatSeconds } from "../../ui/format.ts";
import type { Failure } from "../executor.ts";
import type { SlurmError } from "./client.ts";

/** Arguments that every job has; they explain nothing. */
const ALWAYS = /^--(no-requeue|nodes|ntasks|signal)/;

/** Slurm does not take it. @param args what it was asked for */
export function refusal(id: string, args: string[], error: SlurmError): Failure {
  const message = `Slurm does not take stage "${id}": ${error.message}\n` +
    `  it was asked for ${args.filter((arg) => !ALWAYS.test(arg)).join(" ")}\n` +
    `  change resources or timeout in the pipeline file, or cluster.yaml`;
  return { kind: "refused", message };
}

/** Another job would only do the same again. @param seconds how long the last one was */
export function nothingSaved(id: string, seconds: number): Failure {
  const message = `stage "${id}" did not finish in the time that its job had ` +
    `(${formatSeconds(seconds)}), and saved nothing to go on from\n` +
    `  raise its timeout in the pipeline file, or time and max_time in cluster.yaml`;
  return { kind: "timeout", message };
}

/** Jobs were lost as often as the person allows. */
export function tooOftenLost(id: string, job: string, why: string, allowed: number): Failure {
  const message = `job ${job} of stage "${id}" was lost: ${why}\n` +
    `  it was submitted again ${allowed} times, as often as cluster.yaml allows (resubmit)`;
  return { kind: "crash", message };
}
