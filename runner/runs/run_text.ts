/**
 * One past run as text: the command, where it ran, and what came of every stage.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { FailedAttempt } from "../plan/record.ts";
import { formatBytes, formatSeconds } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import { localTime } from "./list_runs.ts";
import type { RunRecord, RunStage } from "./run_record.ts";

/** Shows a run. @param command what a person would type to do it once more */
export function renderRun(run: RunRecord, command: string, c: Colors): string {
  const { host, deno, runtime, stages } = run;
  const facts = [
    ["command", command],
    ["ran on", choicesText(run)],
    ["host", `${host.name}, ${host.cpu}, ${host.os}`],
    ["deno", deno],
    ["runtime", runtime.backend === "none" ? "" : `${runtime.backend} ${runtime.version}`],
  ].filter(([, text]) => text !== "");
  const table = renderTable({
    title: "Stages",
    columns: ["id", "status", "took", "memory", "attempts", "why"],
    rows: stages.map((stage) => [
      stage.id,
      stage.status,
      stage.seconds === 0 ? null : formatSeconds(stage.seconds),
      stage.peakMemory === undefined ? null : formatBytes(stage.peakMemory),
      stage.attempts === 0 ? null : stage.attempts,
      stage.reason.split("\n")[0],
    ]),
  }, c);
  return [
    `${c.bold(run.id)}  ${run.pipeline}, ${localTime(run.startedAt)}, ` +
    `took ${formatSeconds(run.seconds)}, ${run.status}`,
    ...facts.map(([name, text]) => `  ${c.dim(name.padEnd(9))} ${text}`),
    "",
    table + stages.flatMap(failureLines).map((line) => `${line}\n`).join(""),
  ].join("\n");
}

function choicesText({ choices }: RunRecord): string {
  if (choices === undefined) return "";
  const { executor, jobs, keepGoing, force } = choices;
  return [
    executor === "slurm" ? `a cluster, ${jobs} jobs at once` : `this machine, ${jobs} processors`,
    ...(keepGoing ? [] : ["until the first failure"]),
    ...(force.length > 0 ? [`forced ${force.join(", ")}`] : []),
  ].join("; ");
}

function failureLines({ id, failures = [] }: RunStage): string[] {
  return failures.flatMap((failed) => [
    `  ${id}, attempt ${failed.attempt}: ${endText(failed)}`,
    ...failed.message.split("\n").map((line) => `    ${line}`),
  ]);
}

/** How an attempt ended, in a few words, e.g. `code 1 after 2.1 s, 120.0 MiB`. */
export function endText({ kind, exitCode, signal, peakMemory, seconds }: FailedAttempt): string {
  const how = signal ?? (exitCode === undefined ? kind : `code ${exitCode}`);
  const memory = peakMemory === undefined ? "" : `, ${formatBytes(peakMemory)}`;
  return `${how} after ${formatSeconds(seconds)}${memory}`;
}
