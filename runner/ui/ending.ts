/**
 * What stands at the end of a run: the results, and how many stages were what.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { RunResult, StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { usersOf } from "../pipeline/users.ts";
import { count, formatSeconds } from "./format.ts";
import { renderTable } from "./table.ts";

/** The tables of the stages that nothing else builds on, stored ones included. */
export function renderResults(pipeline: Pipeline, result: RunResult, c: Colors): string {
  return leaves(pipeline, result).flatMap(({ tables }) => tables)
    .map((table) => `\n${renderTable(table, c)}`).join("");
}

/** The stages that nothing else builds on. */
export function leaves({ stages }: Pipeline, result: RunResult): StageResult[] {
  const users = usersOf(stages);
  return result.stages.filter(({ id }) => !users.has(id));
}

/** E.g. `15 stages: 3 ran, 12 from cache, 41.2 s`. */
export function renderSummary({ status, stages }: RunResult, seconds: number, c: Colors): string {
  const number = (wanted: string) => stages.filter((stage) => stage.status === wanted).length;
  const remote = stages.filter((stage) => stage.remote).length;
  const parts = [
    [number("ran"), "ran"],
    [number("hit") - remote, "from cache"],
    [remote, "from remote cache"],
    [number("failed"), "failed"],
    [number("skipped"), "skipped"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const text = `${count(stages.length, "stage")}: ${[...said, formatSeconds(seconds)].join(", ")}`;
  if (status === "ok") return `\n${c.green(text)}\n`;
  if (status === "failed") return `\n${c.red(text)}\n`;
  return `\n${c.yellow(`${text}; the same command goes on from here`)}\n`;
}
