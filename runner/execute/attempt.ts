/**
 * One attempt at a stage: start it, and end it when its time is up or the person wants to stop.
 *
 * @module
 */
import { formatSeconds } from "../ui/format.ts";
import type { StageEvent } from "./events.ts";
import type { Executor, Failure, Job, Outcome } from "./executor.ts";

/** Seconds that a stage gets to save its checkpoint once it was asked to stop. */
export const GRACE = 30;

/** The person's wish to end a run. */
export interface Interruption {
  /** Aborted by the first Ctrl-C: save and stop. */
  stop: AbortSignal;
  /** Aborted by the second: now. */
  kill: AbortSignal;
}

/** What bounds an attempt. */
export interface AttemptOptions {
  timeoutSeconds: number | undefined;
  interruption: Interruption;
  onEvent: (event: StageEvent) => void;
  /** To save a checkpoint in, once it was asked to stop; then it is killed. Default 30. */
  graceSeconds?: number | undefined;
}

/** Runs one attempt to its end. Never rejects. */
export async function attempt(
  executor: Executor,
  job: Job,
  { timeoutSeconds, interruption, onEvent, graceSeconds = GRACE }: AttemptOptions,
): Promise<Outcome> {
  const { stop, kill } = interruption;
  if (stop.aborted) return { status: "interrupted" };
  const running = executor.start(job, onEvent);
  let graceTimer: ReturnType<typeof setTimeout> | undefined;
  let timedOut = false;
  let killed = false;

  const askToStop = () => {
    running.stop();
    graceTimer ??= setTimeout(() => {
      killed = true;
      running.kill();
    }, graceSeconds * 1000);
  };
  const killNow = () => running.kill();
  stop.addEventListener("abort", askToStop);
  kill.addEventListener("abort", killNow);
  const timeoutTimer = timeoutSeconds === undefined || executor.keepsTime
    ? undefined
    : setTimeout(() => {
      timedOut = true;
      askToStop();
    }, timeoutSeconds * 1000);

  const outcome = await running.outcome;

  clearTimeout(timeoutTimer);
  clearTimeout(graceTimer);
  stop.removeEventListener("abort", askToStop);
  kill.removeEventListener("abort", killNow);
  if (timedOut && outcome.status === "interrupted" && !stop.aborted) {
    const late = killed ? graceSeconds : undefined;
    const failure = timeoutFailure(job.request.id, timeoutSeconds ?? 0, late);
    return { ...outcome, status: "failed", failure };
  }
  return outcome;
}

/**
 * What to tell about a stage whose time is up.
 *
 * @param grace seconds in which it did not stop; undefined if it did
 */
export function timeoutFailure(id: string, seconds: number, grace?: number): Failure {
  const end = grace === undefined
    ? ""
    : `\n  it did not stop within its grace of ${formatSeconds(grace)} and was killed`;
  const message =
    `stage "${id}" took longer than its timeout of ${formatSeconds(seconds)}${end}\n` +
    `  raise timeout in the pipeline file, or make the work smaller`;
  return { kind: "timeout", message };
}
