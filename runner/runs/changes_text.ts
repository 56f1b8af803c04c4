/**
 * What of a past run is different today, in words.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { tellDifference } from "../plan/reasons.ts";
import { count, listed } from "../ui/format.ts";
import { isChanged, isUnchanged, type RunChanges, type StageChange } from "./run_changes.ts";

/** Stages that are not what they were, and whether the run could be had once more. */
export function renderChanges(changes: RunChanges, c: Colors): string {
  const { stages, facts } = changes;
  const lines = stages.filter(isChanged).flatMap((stage) => [
    c.bold(stage.id),
    ...tellChange(stage).map((line) => `  ${line}`),
  ]);
  if (facts.length > 0) {
    const told = facts.map(({ name, before, now }) => `${name} ${before} → ${now}`);
    lines.push(c.dim(`other than then, and in no key: ${told.join("; ")}`));
  }
  const added = stages.filter(({ status }) => status === "new").map(({ id }) => id);
  if (added.length > 0) lines.push(c.dim(`not part of the run: ${listed(added)}`));
  const known = knownOf(changes);
  const stored = known.filter((stage) => stage.stored).length;
  lines.push(
    isUnchanged(changes)
      ? c.green(`nothing has changed: ${count(known.length, "stage")} with the keys of then`)
      : c.red(summary(changes)),
    `${stored} of ${count(known.length, "result")} ${stored === 1 ? "is" : "are"} stored`,
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** E.g. `2 of 3 stages are not what they were`. */
export function summary(changes: RunChanges): string {
  const known = knownOf(changes);
  const changed = known.filter(isChanged).length;
  const be = changed === 1 ? "is not what it was" : "are not what they were";
  return `${changed} of ${count(known.length, "stage")} ${be}`;
}

/** Those that the run came to. */
function knownOf({ stages }: RunChanges): StageChange[] {
  return stages.filter(({ status }) => status !== "unknown" && status !== "new");
}

/** What of a stage is different, a line each. */
export function tellChange({ status, differences }: StageChange): string[] {
  switch (status) {
    case "gone":
      return ["is not in the pipeline any more"];
    case "changed":
      return differences?.map(tellDifference) ??
        ["has another key; of what it was made of then no record is left"];
    case "same":
    case "new":
    case "unknown":
      return [];
  }
}
