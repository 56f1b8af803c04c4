/**
 * A plan as text: what would run, and why.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { usersOf } from "../pipeline/users.ts";
import { count, listed } from "./format.ts";
import { idWidth } from "./view.ts";

/** One line a stage, then how many there are of which kind, and a summary. */
export function renderPlan(pipeline: Pipeline, stages: StageResult[], c: Colors): string {
  const users = usersOf(pipeline.stages);
  const shared = new Map(
    pipeline.stages.map(({ id, aliases }) => [id, sharing(users.get(id)?.length ?? 0, aliases)]),
  );
  const width = idWidth(stages.map(({ id }) => id));
  const lines = stages.map(({ id, status, key, reason, remote, storedAs }) => {
    const name = id.padEnd(width);
    const more = shared.get(id) ?? "";
    if (status === "hit") {
      const where = remote || storedAs !== undefined ? reason : "from cache";
      return c.dim(`= ${name}  ${where}${more}`);
    }
    return `${key === null ? c.yellow("?") : c.cyan(">")} ${name}  ${reason}${c.dim(more)}`;
  });
  const hits = stages.filter(({ status }) => status === "hit").length;
  const remote = stages.filter((stage) => stage.remote).length;
  const waiting = stages.filter(({ status, key }) => status === "would-run" && key === null).length;
  const running = stages.length - hits - waiting;
  const parts = [
    [hits - remote, "from cache"],
    [remote, "in the remote cache"],
    [running, "would run"],
    [waiting, "to be decided when what they need is done"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${lines.join("\n")}\n\n${c.dim(kinds(stages))}\n` +
    `${count(stages.length, "stage")}: ${said.join(", ")}\n`;
}

/** E.g. `  (for 9 stages, also seg/archive)`; nothing where a stage is there for one or none. */
function sharing(users: number, aliases: string[]): string {
  const parts = [
    users > 1 ? `for ${users} stages` : "",
    aliases.length > 0 ? `also ${listed(aliases)}` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `  (${parts.join(", ")})`;
}

/** E.g. `train 92, evaluate 92, compare 4`: most first. */
function kinds(stages: StageResult[]): string {
  const groups = [...Map.groupBy(stages, ({ uses }) => uses)];
  return groups.toSorted(([, a], [, b]) => b.length - a.length)
    .map(([uses, { length }]) => `${uses} ${length}`).join(", ");
}
