/**
 * An attempt whose code and data are those that its key was made from: if they change under it, the
 * result of the new would be stored under the key of the old.
 *
 * @module
 */
import { attempt, type AttemptOptions } from "./attempt.ts";
import type { Executor, Job, Outcome } from "./executor.ts";
import type { Given } from "./job.ts";

/**
 * Milliseconds after which a stage has loaded its code for good. Who edits a model while it trains
 * for hours must not lose these hours.
 */
const LOADED_AFTER = 60_000;

/** Like {@link attempt}, and fails if what the stage was made from has changed. */
export async function unchangedAttempt(
  { changed }: Pick<Given, "changed">,
  job: Job,
  options: AttemptOptions,
  executor: Executor,
  loadedAfter: number = LOADED_AFTER,
): Promise<Outcome> {
  const { id } = job.request;
  const before = await changed?.();
  if (before !== undefined) {
    return stale(`stage "${id}" was not started: since the run began this has changed: ${before}`);
  }
  const { interruption } = options;
  const early = new AbortController();
  let change: string | undefined;
  const look = async () => {
    change = await changed?.();
    if (change !== undefined) early.abort();
  };
  let looked: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onEvent: AttemptOptions["onEvent"] = (event) => {
    if (event.type === "begun") {
      // On a cluster hours may pass before that, and it may come again, in another job.
      clearTimeout(timer);
      looked = undefined;
      timer = setTimeout(() => looked = look(), loadedAfter);
    }
    options.onEvent(event);
  };
  const stop = AbortSignal.any([interruption.stop, early.signal]);
  const outcome = await attempt(executor, job, {
    ...options,
    onEvent,
    interruption: { ...interruption, stop },
  });
  clearTimeout(timer);
  // Code was looked at once it was loaded; data may be read until the end.
  if (outcome.status === "finished" && (looked === undefined || job.readsData)) looked = look();
  await looked;
  if (change === undefined) return outcome;
  const why = `the result of stage "${id}" was not kept: while it ran this has changed: ${change}`;
  return { ...outcome, ...stale(why) };
}

function stale(message: string): Extract<Outcome, { status: "failed" }> {
  return {
    status: "failed",
    failure: { kind: "changed", message: `${message}\n  run again to use what is there now` },
  };
}
