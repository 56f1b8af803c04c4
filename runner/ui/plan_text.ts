/**
 * A plan as text: what would run, and why.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { StageResult } from "../execute/run_event.ts";
import { count } from "./format.ts";
import { idWidth } from "./view.ts";

/** One line a stage, then a summary. */
export function renderPlan(stages: StageResult[], c: Colors): string {
  const width = idWidth(stages.map(({ id }) => id));
  const lines = stages.map(({ id, status, key, reason }) => {
    const name = id.padEnd(width);
    if (status === "hit") return c.dim(`= ${name}  from cache`);
    return `${key === null ? c.yellow("?") : c.cyan(">")} ${name}  ${reason}`;
  });
  const hits = stages.filter(({ status }) => status === "hit").length;
  const waiting = stages.filter(({ status, key }) => status === "would-run" && key === null).length;
  const running = stages.length - hits - waiting;
  const parts = [
    [hits, "from cache"],
    [running, "would run"],
    [waiting, "to be decided when what they need is done"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${lines.join("\n")}\n\n${count(stages.length, "stage")}: ${said.join(", ")}\n`;
}
