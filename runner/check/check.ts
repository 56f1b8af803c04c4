/**
 * Checks of a stage by running it once more: what they are given, and what they come to.
 *
 * @module
 */
import type { StageEvent } from "../execute/events.ts";
import type { Executor, Outcome } from "../execute/executor.ts";
import type { ReadyStage } from "../execute/job.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { Comparison } from "./differences.ts";
import type { TrialPlace } from "./trial.ts";

/** A stored stage to check. */
export interface CheckRequest {
  stage: ReadyStage;
  record: ActionRecord;
  /** Output name → folder with what is stored. */
  stored: Record<string, string>;
  place: TrialPlace;
  /** `confined` runs its processes on one processor, where the system can do that. */
  executors: { usual: Executor; confined: Executor };
  onEvent: (event: StageEvent) => void;
}

/** When and how a stage was stopped. */
export interface Stop {
  how: "asked" | "killed";
  /** Share of its work that it had reported, if it reports that. */
  at: number | undefined;
}

/** What a check has come to: a comparison, or the stage did not get to its end. */
export type CheckEnd =
  | (Comparison & { status: "compared"; stops: Stop[] })
  | Exclude<Outcome, { status: "finished" }>;
