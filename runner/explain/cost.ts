/**
 * How long what would run will take, by what it took before.
 *
 * @module
 */
import { longestPaths } from "../execute/priority.ts";
import { type Capacity, type Grant, ResourcePool } from "../execute/resources.ts";
import type { StageInstance } from "../pipeline/instance.ts";
import type { PlanContext } from "../plan/plan.ts";
import type { PlannedStage } from "../plan/record.ts";
import { EarlierRecords, type Kinship } from "./earlier_records.ts";

/** The estimate for one stage that would run, or might. */
export interface StageCost {
  id: string;
  /** Seconds of the result that it is estimated by; absent if there is none of its kind. */
  seconds?: number;
  /** Which result that is. */
  by?: Kinship;
  /** Whether it may turn out to be stored, once what it needs is done. */
  uncertain: boolean;
}

/** Seconds. What has no estimate counts as nothing. */
export interface Duration {
  /** All stages one after another. */
  work: number;
  /** From start to end, with stages side by side. */
  elapsed: number;
}

/** What a plan will cost. */
export interface PlanCost {
  stages: StageCost[];
  /** If only what is sure to run does. */
  atLeast: Duration;
  /** If everything runs that is to be decided yet. */
  atMost: Duration;
  /** Processors that stages share. */
  jobs: number;
}

/** Estimates a plan. Stages with the same key run once. */
export function estimateCost(
  planned: PlannedStage[],
  context: PlanContext,
  capacity: Capacity,
): PlanCost {
  const records = new EarlierRecords(context.store);
  const keys = new Set<string>();
  const open = planned.filter((each) => each.status !== "hit").filter((each) => {
    if (each.status === "unknown") return true;
    const isTwin = keys.has(each.key);
    keys.add(each.key);
    return !isTwin;
  });
  const stages = open.map((each) => estimate(each, context, records));
  const seconds = new Map(stages.map((stage) => [stage.id, stage.seconds ?? 0]));
  const duration = (stages: StageInstance[]): Duration => ({
    work: stages.reduce((sum, { id }) => sum + (seconds.get(id) ?? 0), 0),
    elapsed: simulate(stages, (id) => seconds.get(id) ?? 0, capacity),
  });
  const sure = open.filter(({ status }) => status === "would-run");
  return {
    stages,
    atLeast: duration(sure.map(({ instance }) => instance)),
    atMost: duration(open.map(({ instance }) => instance)),
    jobs: capacity.cpu,
  };
}

function estimate(
  planned: Exclude<PlannedStage, { status: "hit" }>,
  { history, pipeline, store }: PlanContext,
  records: EarlierRecords,
): StageCost {
  const { instance: { id }, status, material } = planned;
  const uncertain = status === "unknown";
  const last = history.get(id);
  // The same key again takes as long as it took: its result is gone, or the person asks for it.
  const same = last === undefined ? undefined : store.peekRecord(last);
  const key = status === "unknown" ? undefined : planned.key;
  const earlier = same
    ? { record: same, kinship: "last" as const }
    : records.nearest({ pipeline, id, key, material, last });
  if (!earlier) return { id, uncertain };
  return { id, seconds: earlier.record.seconds, by: earlier.kinship, uncertain };
}

/**
 * Plays the scheduler: what has the longest way behind it starts first, within the capacity.
 *
 * @param stages those that run; what else they need is there already
 * @returns seconds to the end of the last one
 */
export function simulate(
  stages: StageInstance[],
  secondsOf: (id: string) => number,
  capacity: Capacity,
): number {
  const pool = new ResourcePool(capacity);
  const paths = longestPaths(stages, secondsOf);
  const waiting = new Set(
    stages.toSorted((a, b) => (paths.get(b.id) ?? 0) - (paths.get(a.id) ?? 0)),
  );
  const unfinished = new Set(stages.map(({ id }) => id));
  const running: { id: string; end: number; grant: Grant }[] = [];
  let now = 0;
  while (unfinished.size > 0) {
    for (const stage of waiting) {
      const needs = Object.values(stage.inputs).flat();
      if (needs.some(({ id }) => unfinished.has(id))) continue;
      const grant = pool.take(stage.resources);
      if (!grant) continue;
      waiting.delete(stage);
      running.push({ id: stage.id, end: now + secondsOf(stage.id), grant });
    }
    running.sort((a, b) => a.end - b.end);
    const next = running.shift();
    if (next === undefined) throw new RangeError("Cannot play the run: stages need one another");
    now = next.end;
    unfinished.delete(next.id);
    next.grant.giveBack();
  }
  return now;
}
