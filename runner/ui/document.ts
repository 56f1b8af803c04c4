/**
 * A run or plan as one JSON document, for machines.
 *
 * @module
 */
import type { RunResult, StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { usersOf } from "../pipeline/users.ts";

/** What `--json` prints. */
export interface RunDocument {
  pipeline: string;
  profile: string;
  status: RunResult["status"];
  stages: (Omit<StageResult, "metrics" | "tables"> & {
    /** Ids of equal stages, which this one stands for. */
    aliases: string[];
    /** Ids of the stages that use its outputs. */
    usedBy: string[];
  })[];
  /** Stage id, aliases included → metric → value; stages without metrics are absent. */
  metrics: Record<string, Record<string, number | null>>;
}

/** Makes the document. */
export function runDocument(
  pipeline: Pipeline,
  { status, stages }: RunResult,
): RunDocument {
  const { name, profile } = pipeline;
  const users = usersOf(pipeline.stages);
  const aliases = new Map(pipeline.stages.map((stage) => [stage.id, stage.aliases]));
  const metrics: RunDocument["metrics"] = {};
  for (const stage of stages) {
    if (Object.keys(stage.metrics).length === 0) continue;
    for (const id of [stage.id, ...aliases.get(stage.id) ?? []]) metrics[id] = stage.metrics;
  }
  return {
    pipeline: name,
    profile,
    status,
    stages: stages.map(({ metrics: _, tables: __, ...stage }) => ({
      ...stage,
      aliases: aliases.get(stage.id) ?? [],
      usedBy: users.get(stage.id) ?? [],
      seconds: Math.round(stage.seconds * 1000) / 1000,
    })),
    metrics,
  };
}
