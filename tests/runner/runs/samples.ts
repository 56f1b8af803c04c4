/**
 * Manifests of runs that never were.
 *
 * @module
 */
import type { RunRecord, RunStage } from "../../../runner/runs/run_record.ts";

/** A stage that ran. */
export function ran(id: string, given: Partial<RunStage> = {}): RunStage {
  return {
    id,
    uses: id.split("/")[0],
    status: "ran",
    key: `key of ${id}`,
    reason: "never run before",
    seconds: 1,
    outputs: {},
    metrics: {},
    aliases: [],
    attempts: 1,
    ...given,
  };
}

/** A run of `pipelines/p.yaml`. */
export function run(id: string, given: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 1,
    id,
    pipeline: "p",
    file: "pipelines/p.yaml",
    profile: "default",
    sets: [],
    params: {},
    startedAt: "2026-11-26T20:15:30.000Z",
    endedAt: "2026-11-26T20:15:40.000Z",
    seconds: 10,
    status: "ok",
    host: { name: "here", cpu: "any", os: "linux" },
    deno: "2.9.6",
    runtime: { backend: "none", version: "" },
    stages: [],
    ...given,
  };
}
