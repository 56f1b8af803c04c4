/**
 * Past runs as a table: what, when, how long, how many stages, and their main results.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { FailedAttempt } from "../plan/record.ts";
import { formatBytes, formatSeconds, formatValue } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import type { RunChoices, RunRecord, RunStage } from "./run_record.ts";

/** So many results are shown of a run. */
const RESULTS = 3;

/** One past run, without its stages. */
export interface RunSummary {
  id: string;
  pipeline: string;
  file: string;
  profile: string;
  sets: string[];
  choices?: RunChoices;
  /** UTC, ISO 8601. */
  startedAt: string;
  seconds: number;
  status: RunRecord["status"];
  /** How many stages were what. */
  counts: Record<"ran" | "hit" | "failed" | "skipped", number>;
  /** The most memory that a stage had which this run executed, in bytes; absent if nobody knows. */
  peakMemory?: number;
  /** Stage id → its attempts that have failed, also if a later one did not; others are absent. */
  failures: Record<string, FailedAttempt[]>;
  /** Stage id → metric → value; stages without metrics are absent. */
  metrics: Record<string, Record<string, number | null>>;
}

/** Sums a run up. */
export function summarizeRun(run: RunRecord): RunSummary {
  const { id, pipeline, file, profile, sets, choices, startedAt, seconds, status, stages } = run;
  const peaks = stages.flatMap(({ peakMemory }) => peakMemory ?? []);
  const number = (wanted: RunStage["status"]) =>
    stages.filter((stage) => stage.status === wanted).length;
  return {
    id,
    pipeline,
    file,
    profile,
    sets,
    ...(choices && { choices }),
    startedAt,
    seconds,
    status,
    counts: {
      ran: number("ran"),
      hit: number("hit"),
      failed: number("failed"),
      skipped: number("skipped"),
    },
    ...(peaks.length > 0 && { peakMemory: Math.max(...peaks) }),
    failures: Object.fromEntries(
      stages.flatMap(({ id, failures }) => failures === undefined ? [] : [[id, failures]]),
    ),
    metrics: Object.fromEntries(
      stages.filter(hasMetrics).map((stage) => [stage.id, stage.metrics]),
    ),
  };
}

/** Shows runs in the order they are given. */
export function renderRuns(runs: RunSummary[], c: Colors): string {
  return renderTable({
    title: "Runs",
    columns: [
      "id",
      "pipeline",
      "profile",
      "when",
      "took",
      "memory",
      "status",
      "ran",
      "hit",
      "failed",
      "results",
    ],
    rows: runs.map((run) => [
      run.id,
      run.pipeline,
      run.profile,
      localTime(run.startedAt),
      formatSeconds(run.seconds),
      run.peakMemory === undefined ? null : formatBytes(run.peakMemory),
      run.status,
      run.counts.ran,
      run.counts.hit,
      run.counts.failed,
      mainResults(run.metrics),
    ]),
  }, c);
}

/** E.g. `2026-11-26 20:15`, where the person is. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What each stage has reported first, of the last stages: those that come late build on the others. */
function mainResults(metrics: RunSummary["metrics"]): string {
  const all = Object.entries(metrics).map(([id, values]) => {
    const [name, value] = Object.entries(values)[0];
    return `${shortName(id, Object.keys(metrics))} ${name} ${
      value === null ? "–" : formatValue(value)
    }`;
  });
  const rest = all.length - RESULTS;
  return [...all.slice(-RESULTS), ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
}

/** The parts of an id that no other has, e.g. `sr4ir` of `evaluate/sr4ir/4`; else all of it. */
export function shortName(id: string, ids: string[]): string {
  const others = new Set(ids.filter((other) => other !== id).flatMap((other) => other.split("/")));
  return id.split("/").filter((part) => !others.has(part)).join("/") || id;
}

function hasMetrics({ metrics }: RunStage): boolean {
  return Object.keys(metrics).length > 0;
}
