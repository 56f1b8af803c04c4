/**
 * The difference between two runs as text.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { tellDifference } from "../plan/reasons.ts";
import { count, formatValue } from "../ui/format.ts";
import type { MetricChange, RunDiff, StageDiff } from "./diff_runs.ts";

/** First what differs of the runs, then stage by stage; equal stages are counted. */
export function renderDiff(diff: RunDiff, c: Colors): string {
  const lines = [c.bold(`${diff.before} → ${diff.now}`)];
  for (const { name, before, now } of diff.facts) lines.push(`  ${name} ${before} → ${now}`);
  for (const param of diff.params) lines.push(`  ${tellDifference({ kind: "param", ...param })}`);
  for (const stage of diff.stages) lines.push("", ...stageLines(stage, c));
  const isSame = diff.facts.length + diff.params.length + diff.stages.length === 0;
  const same = `${count(diff.same, "stage")} ${diff.same === 1 ? "is" : "are"} the same`;
  lines.push("", c.dim(isSame ? `nothing differs: ${same}` : same));
  return lines.join("\n") + "\n";
}

function stageLines(stage: StageDiff, c: Colors): string[] {
  const { id, before, now, differences, metrics } = stage;
  const head = before === undefined
    ? `${c.bold(id)}  only in the second run`
    : now === undefined
    ? `${c.bold(id)}  only in the first run`
    : before === now || (isDone(before) && isDone(now))
    ? c.bold(id)
    : `${c.bold(id)}  ${before} → ${now}`;
  const lines = [head];
  if (before !== undefined && now !== undefined && differences === undefined) {
    const why = isDone(before) && isDone(now)
      ? "a record is gone, so what its results were made of cannot be compared"
      : "it was not done in both runs, so what it was made of cannot be compared";
    lines.push(c.dim(`  ${why}`));
  }
  if (differences?.length === 0 && metrics.length > 0) {
    lines.push(c.yellow("  made of the same, and yet its metrics differ"));
  }
  lines.push(...(differences ?? []).map((each) => `  ${tellDifference(each)}`));
  const width = Math.max(0, ...metrics.map(({ name }) => name.length));
  lines.push(...metrics.map((metric) => `  ${tellMetric(metric, width)}`));
  return lines;
}

function tellMetric({ name, before, now, delta }: MetricChange, width: number): string {
  const change = delta === undefined ? "" : `  (${signed(delta)})`;
  return `${name.padEnd(width)}  ${show(before)} → ${show(now)}${change}`;
}

function show(value: number | null | undefined): string {
  return value === undefined || value === null ? "–" : formatValue(value);
}

/** E.g. `+1.2`, `-0.03`. */
function signed(value: number): string {
  return value > 0 ? `+${formatValue(value)}` : formatValue(value);
}

function isDone(status: StageDiff["now"]): boolean {
  return status === "ran" || status === "hit";
}
