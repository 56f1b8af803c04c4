/**
 * Does a stage that was stopped half-way make what it makes undisturbed? It is stopped at random
 * moments, kindly and not, goes on from what it has saved, and its result is compared.
 *
 * @module
 */
import type { Interruption } from "../execute/attempt.ts";
import type { StageEvent } from "../execute/events.ts";
import type { Outcome } from "../execute/executor.ts";
import { compareOutputs } from "./differences.ts";
import type { CheckEnd, CheckRequest, Stop } from "./check.ts";
import { layOut, type Trial } from "./trial.ts";

/** How often a stage that was quicker than its first stop is tried again, with an earlier one. */
const EARLIER = 4;

/** Stops it some times, the first time kindly, then in turns, and lets it finish. */
export async function checkResume(
  request: CheckRequest,
  { stops, random = Math.random }: { stops: number; random?: () => number },
): Promise<CheckEnd> {
  for (let tried = 0;; tried++) {
    const end = await stopAndGoOn(request, stops, () => ({
      share: random() / 4 ** tried,
      patience: 2 ** -tried,
    }));
    const wasStopped = end.status !== "compared" || end.stops.length > 0;
    if (wasStopped || tried === EARLIER) return end;
  }
}

/** When to stop a stage. */
interface Moment {
  /** How much of what is left is done before, from 0 to 1. */
  share: number;
  /** How much of the time that it once took it gets to tell of its progress. */
  patience: number;
}

async function stopAndGoOn(
  request: CheckRequest,
  wanted: number,
  moment: () => Moment,
): Promise<CheckEnd> {
  const { stage, place, stored } = request;
  const trial = await layOut(stage, place);
  const stops: Stop[] = [];
  let outcome: Outcome = { status: "interrupted" };
  for (let i = 0; i < wanted && outcome.status === "interrupted"; i++) {
    const how = i % 2 === 0 ? "asked" : "killed";
    const run = await runUntil(trial, request, { how, ...moment() });
    outcome = run.outcome;
    if (place.interruption.stop.aborted) return { status: "interrupted" };
    if (outcome.status === "interrupted") stops.push({ how, at: run.at });
  }
  // A last time undisturbed, unless it was quicker than the stop.
  if (outcome.status === "interrupted") {
    outcome = await trial.attempt(request.executors.usual, { onEvent: request.onEvent });
  }
  if (outcome.status !== "finished") return outcome;
  return { status: "compared", stops, ...compareOutputs(stored, trial.outputs) };
}

/** One attempt that is ended somewhere on what is left of its way. */
async function runUntil(
  trial: Trial,
  { record, place, executors, onEvent }: CheckRequest,
  { how, share, patience }: { how: Stop["how"] } & Moment,
): Promise<{ outcome: Outcome; at: number | undefined }> {
  const enough = new AbortController();
  const { stop, kill } = place.interruption;
  // A stage that says nothing of its progress is stopped by the time that it once took; one that
  // does has said so in the first half of it.
  const silence = patience * (0.5 + 0.5 * share) * record.seconds;
  const timer = setTimeout(() => enough.abort(), silence * 1000);
  let threshold: number | undefined;
  let at: number | undefined;
  const hear = (event: StageEvent) => {
    onEvent(event);
    if (event.type !== "progress" || event.total <= 0 || enough.signal.aborted) return;
    clearTimeout(timer);
    at = event.done / event.total;
    threshold ??= at + share * (1 - at);
    if (at >= threshold) enough.abort();
  };
  const interruption: Interruption = how === "asked"
    ? { stop: AbortSignal.any([stop, enough.signal]), kill }
    : { stop, kill: AbortSignal.any([kill, enough.signal]) };
  const outcome = await trial.attempt(executors.usual, { interruption, onEvent: hear });
  clearTimeout(timer);
  return { outcome, at };
}
