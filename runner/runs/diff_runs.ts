/**
 * What differs between two runs: their params and places, and stage by stage what its result was made
 * of and what came of it.
 *
 * @module
 */
import {
  type Difference,
  findDifferences,
  type Names,
  paramDifferences,
} from "../plan/differences.ts";
import type { ActionRecord } from "../plan/record.ts";
import { isDone, type RunRecord, type RunStage } from "./run_record.ts";

/** One metric of one stage in two runs; a run that does not have it lacks its side. */
export interface MetricChange {
  name: string;
  before?: number | null;
  now?: number | null;
  /** `now` minus `before`, if both are numbers. */
  delta?: number;
}

/** One stage that is not the same in both. */
export interface StageDiff {
  id: string;
  /** How it ended in each; absent where the run does not have it. */
  before?: RunStage["status"];
  now?: RunStage["status"];
  /** Undefined if one of the two records is gone or was never made. */
  differences?: Difference[];
  metrics: MetricChange[];
}

/** Two runs, side by side. */
export interface RunDiff {
  before: string;
  now: string;
  /** Facts of the runs themselves that differ: pipeline, profile, host, deno, … */
  facts: { name: string; before: string; now: string }[];
  params: { name: string; before?: unknown; now?: unknown }[];
  stages: StageDiff[];
  /** How many stages have the same key and the same metrics in both. */
  same: number;
}

/**
 * Compares two runs. Stages are the same by their id; a stage that another stood for counts by both.
 *
 * @param peek the record under a key, if it is still there
 */
export function diffRuns(
  before: RunRecord,
  now: RunRecord,
  peek: (key: string) => ActionRecord | undefined,
  names: Pick<Names, "readTree"> = {},
): RunDiff {
  const [olds, currents] = [byId(before), byId(now)];
  const pairs = [
    ...now.stages.map((stage) => ({ id: stage.id, old: twinOf(stage, olds), current: stage })),
    ...before.stages.filter((stage) => !twinOf(stage, currents))
      .map((stage) => ({ id: stage.id, old: stage, current: undefined })),
  ];
  const stages: StageDiff[] = [];
  let same = 0;
  for (const { id, old, current } of pairs) {
    const diff = diffStage(id, old, current, peek, names);
    if (diff) stages.push(diff);
    else same++;
  }
  return {
    before: before.id,
    now: now.id,
    facts: factDifferences(before, now),
    params: paramDifferences(before.params, now.params).map(({ kind: _, ...param }) => param),
    stages,
    same,
  };
}

function byId({ stages }: RunRecord): Map<string, RunStage> {
  return new Map(stages.flatMap((stage) => [stage.id, ...stage.aliases].map((id) => [id, stage])));
}

/** The same stage in another run, where it may stand for others or be stood for. */
function twinOf({ id, aliases }: RunStage, others: Map<string, RunStage>): RunStage | undefined {
  return [id, ...aliases].map((one) => others.get(one)).find((twin) => twin !== undefined);
}

/** Facts of the runs themselves that differ. */
export function factDifferences(before: RunRecord, now: RunRecord): RunDiff["facts"] {
  const facts = ({ file, profile, host, deno, runtime }: RunRecord) => ({
    file,
    profile,
    host: host.name,
    cpu: host.cpu,
    os: host.os,
    deno,
    backend: `${runtime.backend} ${runtime.version}`.trim(),
  });
  const [old, current] = [Object.entries(facts(before)), Object.entries(facts(now))];
  return old.flatMap(([name, value], i) =>
    value === current[i][1] ? [] : [{ name, before: value, now: current[i][1] }]
  );
}

function diffStage(
  id: string,
  before: RunStage | undefined,
  now: RunStage | undefined,
  peek: (key: string) => ActionRecord | undefined,
  names: Pick<Names, "readTree">,
): StageDiff | undefined {
  const sides = {
    ...(before && { before: before.status }),
    ...(now && { now: now.status }),
  };
  const metrics = metricChanges(before?.metrics ?? {}, now?.metrics ?? {});
  if (!before || !now) return { id, ...sides, metrics };
  const isSame = before.key === now.key && isDone(before) === isDone(now);
  if (isSame && metrics.length === 0) return undefined;
  if (before.key === now.key) return { id, ...sides, differences: [], metrics };
  const [old, current] = [before, now].map(({ key }) => key === null ? undefined : peek(key));
  if (!old || !current) return { id, ...sides, metrics };
  const differences = findDifferences(old.material, current.material, names);
  return { id, ...sides, differences, metrics };
}

/** Lists metrics that differ, in the order in which they were reported. */
export function metricChanges(
  before: RunStage["metrics"],
  now: RunStage["metrics"],
): MetricChange[] {
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...names].filter((name) => before[name] !== now[name]).map((name) => {
    const [old, current] = [before[name], now[name]];
    const isNumbers = typeof old === "number" && typeof current === "number";
    return {
      name,
      ...(old !== undefined && { before: old }),
      ...(current !== undefined && { now: current }),
      ...(isNumbers && { delta: current - old }),
    };
  });
}
