/**
 * A run had once more: do its stages make what they made then?
 *
 * @module
 */
import type { StageResult } from "../execute/run_event.ts";
import { type TreeChanges, treeChanges } from "../store/tree_changes.ts";
import type { Tree } from "../store/tree.ts";
import { type MetricChange, metricChanges } from "./diff_runs.ts";
import { isDone, type RunRecord, type RunStage } from "./run_record.ts";

/** One stage that the run did, and what has come of it now. */
export interface Reproduced {
  id: string;
  /** `missing`: it was not made now. */
  verdict: "same" | "different" | "missing";
  /** Whether it was executed now or taken from the store. */
  now?: "ran" | "hit";
  /** Whether it was made of the same. */
  sameKey: boolean;
  secondsThen: number;
  secondsNow: number;
  /** Outputs that are other bytes; `files` where both lists are known. */
  outputs: { name: string; before: string; now?: string; files?: TreeChanges }[];
  /** Metrics of then. */
  metrics: RunStage["metrics"];
  /** Those that are others now. */
  metricChanges: MetricChange[];
}

/**
 * Compares all that the run did.
 *
 * @param now the same stages, or some of them
 * @param readTree the folder with a digest, if it is known
 */
export function compareResults(
  { stages }: Pick<RunRecord, "stages">,
  now: StageResult[],
  readTree: (digest: string) => Tree | undefined,
): Reproduced[] {
  const byId = new Map(now.map((stage) => [stage.id, stage]));
  return stages.filter(isDone).map((before) => {
    const twin = [before.id, ...before.aliases].map((id) => byId.get(id)).find((one) => one);
    return compareStage(before, twin, readTree);
  });
}

function compareStage(
  before: RunStage,
  now: StageResult | undefined,
  readTree: (digest: string) => Tree | undefined,
): Reproduced {
  const base = {
    id: before.id,
    sameKey: before.key === now?.key,
    secondsThen: before.seconds,
    metrics: before.metrics,
  };
  if (now === undefined || (now.status !== "ran" && now.status !== "hit")) {
    return { ...base, verdict: "missing", secondsNow: 0, outputs: [], metricChanges: [] };
  }
  const names = new Set([...Object.keys(before.outputs), ...Object.keys(now.outputs)]);
  const outputs = [...names].filter((name) => before.outputs[name] !== now.outputs[name])
    .map((name) => {
      const [old, current] = [before.outputs[name], now.outputs[name]];
      const [was, is] = [old, current].map((digest) => digest && readTree(digest));
      return {
        name,
        before: old ?? "",
        ...(current !== undefined && { now: current }),
        ...(was && is && { files: treeChanges(was, is) }),
      };
    });
  const changes = metricChanges(before.metrics, now.metrics);
  return {
    ...base,
    verdict: outputs.length + changes.length === 0 ? "same" : "different",
    now: now.status,
    secondsNow: now.seconds,
    outputs,
    metricChanges: changes,
  };
}
