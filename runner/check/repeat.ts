/**
 * Is a stage deterministic? It is run once more, in other circumstances, and what it makes compared
 * with what is stored.
 *
 * @module
 */
import type { Job } from "../execute/executor.ts";
import type { CheckEnd, CheckRequest } from "./check.ts";
import { layOut } from "./trial.ts";
import { compareOutputs } from "./differences.ts";

/** Seconds that the stage's clock is ahead: another year, month, weekday and hour. */
const SHIFT = 400 * 24 * 3600 + 5 * 3600;

/** A quarter of an hour off the hours of all others, and a day ahead of most. */
const TIME_ZONE = "Pacific/Chatham";

/**
 * Runs it again: in another folder, with another clock and time zone, on one processor. It computes
 * with as many threads as before, so they take their turns in another order.
 */
export async function checkRepeat(
  { stage, place, stored, executors, onEvent }: CheckRequest,
): Promise<CheckEnd> {
  const trial = await layOut(stage, place);
  const outcome = await trial.attempt(executors.confined, { change: elsewhen, onEvent });
  if (outcome.status !== "finished") return outcome;
  return { status: "compared", stops: [], ...compareOutputs(stored, trial.outputs) };
}

function elsewhen(job: Job): Job {
  const request = { ...job.request, clockShift: SHIFT };
  Deno.writeTextFileSync(job.requestFile, JSON.stringify(request));
  return { ...job, request, env: { ...job.env, TZ: TIME_ZONE } };
}
