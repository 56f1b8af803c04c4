/**
 * The manifest of a run: what was run, when and where, and what came of every stage.
 *
 * @module
 */
import type { RunResult, StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { Runtime } from "../plan/key.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { Store } from "../store/store.ts";
import { readOpenRunRecord } from "./open_run.ts";

/** One stage of a run. */
export interface RunStage extends Omit<StageResult, "tables"> {
  /** Ids of equal stages, which this one stands for. */
  aliases: string[];
  /** How often it was tried; 0 if it was not started. */
  attempts: number;
}

/** What the command asked for that is in no param: which stages, where, and how many at once. */
export interface RunChoices {
  /** The words of `--until` and, where there is no `--only`, of the checks, which select the same. */
  until: string[];
  only: string[];
  force: string[];
  /** Whether after a failure what does not depend on it still ran. */
  keepGoing: boolean;
  executor: "local" | "slurm";
  /** Processors that were used, on a cluster jobs in its queue at once. */
  jobs: number;
}

/**
 * What `runs/<id>.json` in the store holds. Fields that may be absent were not written by earlier
 * versions.
 */
export interface RunRecord {
  /** Another number: another form, which this program does not read. */
  format: 1;
  /** Sorts by time, e.g. `20261126-201530-k3f9`: when the run began, in UTC. */
  id: string;
  /** The pipeline's name. */
  pipeline: string;
  /** Its file, relative to the project where that is possible. */
  file: string;
  profile: string;
  /** What `--set` said, in order. */
  sets: string[];
  /** All params as the run had them. */
  params: Record<string, unknown>;
  choices?: RunChoices;
  /** UTC, ISO 8601. */
  startedAt: string;
  /** UTC, ISO 8601. */
  endedAt: string;
  seconds: number;
  /** `running` and `killed` are read from its notes: its manifest is not written yet, or never. */
  status: RunResult["status"] | "running" | "killed";
  host: ActionRecord["host"];
  /** Version of Deno. */
  deno: string;
  /** What computed tensors; `none` if no stage does. */
  runtime: Runtime;
  stages: RunStage[];
}

/** What a run is, apart from how it ended. */
export type RunFacts = Omit<RunRecord, "format" | "seconds" | "status" | "stages">;

/** Puts a manifest together. @param attempts stage id → how often it was tried, if more than once */
export function runRecord(
  facts: RunFacts & Pick<RunRecord, "seconds">,
  pipeline: Pipeline,
  { status, stages }: RunResult,
  attempts: ReadonlyMap<string, number>,
): RunRecord {
  const aliases = new Map(pipeline.stages.map((stage) => [stage.id, stage.aliases]));
  return {
    format: 1,
    ...facts,
    status,
    stages: stages.map(({ tables: _, ...stage }) => ({
      ...stage,
      seconds: Math.round(stage.seconds * 1000) / 1000,
      aliases: aliases.get(stage.id) ?? [],
      attempts: attempts.get(stage.id) ?? (wasStarted(stage) ? 1 : 0),
    })),
  };
}

/** One that was interrupted counts as skipped, but has taken time. */
function wasStarted({ status, seconds }: Pick<StageResult, "status" | "seconds">): boolean {
  return status === "ran" || status === "failed" || seconds > 0;
}

/** Whether it ran or was restored makes no difference to what came of it. */
export function isDone({ status }: Pick<RunStage, "status">): boolean {
  return status === "ran" || status === "hit";
}

/** Returns the text to store. */
export function encodeRun(record: RunRecord): string {
  return JSON.stringify(record, null, 1) + "\n";
}

/** Reads a run; undefined if there is none, or none that this program understands. */
export function readRunRecord(
  store: Pick<Store, "readRun" | "readOpenRun">,
  id: string,
): RunRecord | undefined {
  const text = store.readRun(id);
  if (text === undefined) {
    const notes = store.readOpenRun(id);
    return notes === undefined ? undefined : readOpenRunRecord(notes);
  }
  try {
    const record: unknown = JSON.parse(text);
    return isRunRecord(record) && record.id === id ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // not as it was written
    throw error;
  }
}

function isRunRecord(value: unknown): value is RunRecord {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 &&
    "id" in value && "stages" in value && Array.isArray(value.stages);
}
