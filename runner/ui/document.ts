/**
 * A run or plan as one JSON document, for machines.
 *
 * @module
 */
import type { RunResult, StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";

/** What `--json` prints. */
export interface RunDocument {
  pipeline: string;
  profile: string;
  status: RunResult["status"];
  stages: Omit<StageResult, "metrics" | "tables">[];
  /** Stage id → metric → value; stages without metrics are absent. */
  metrics: Record<string, Record<string, number | null>>;
}

/** Makes the document. */
export function runDocument(
  { name, profile }: Pipeline,
  { status, stages }: RunResult,
): RunDocument {
  const metrics: RunDocument["metrics"] = {};
  for (const stage of stages) {
    if (Object.keys(stage.metrics).length > 0) metrics[stage.id] = stage.metrics;
  }
  return {
    pipeline: name,
    profile,
    status,
    stages: stages.map(({ metrics: _, tables: __, ...stage }) => ({
      ...stage,
      seconds: Math.round(stage.seconds * 1000) / 1000,
    })),
    metrics,
  };
}
