/**
 * What went wrong in a run, told once, at its end: which stages failed and why, and what that kept
 * from running.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import type { Colors } from "picocolors/types";
import type { RunResult, StageResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { listed } from "./format.ts";

/** How they are told. */
export interface FailureOptions {
  /** The command that runs one stage, on what is stored. */
  again: (id: string) => string;
  colors: Colors;
  /** Whether the person wanted nothing to be started after a failure. */
  failFast?: boolean | undefined;
}

/**
 * Each failed stage with the end of its log and the command that runs it alone; then the others by
 * what became of them. Empty if nothing failed.
 */
export function renderFailures(
  pipeline: Pipeline,
  { stages }: RunResult,
  { again, colors: c, failFast = false }: FailureOptions,
): string {
  const failed = stages.filter(({ status }) => status === "failed");
  if (failed.length === 0) return "";
  const details = failed.map((stage) => describe(stage, again(stage.id), c).join("\n") + "\n");

  const culprits = culpritsOf(pipeline, new Set(failed.map(({ id }) => id)));
  const skipped = stages.filter(({ status }) => status === "skipped").map(({ id }) => id);
  const groups = Map.groupBy(skipped, (id) => listed(culprits.get(id) ?? []));
  const notReached = failFast ? "not reached, because of --fail-fast" : "not reached";
  const rest = [...groups].sort(([a], [b]) => Number(a === "") - Number(b === "")).map(
    ([by, ids]) => `${by === "" ? notReached : `blocked by ${by}`}: ${listed(ids)}`,
  );
  const fates = rest.map((line) => c.dim(line) + "\n").join("");
  return [...details, ...(fates === "" ? [] : [fates])].join("\n");
}

function describe({ id, reason, failure }: StageResult, again: string, c: Colors): string[] {
  const own = /^(the \w+ of )?stage "/.test(reason);
  const lines = [`${c.red(c.bold("error:"))} ${own ? reason : `stage "${id}" failed: ${reason}`}`];
  const before = withoutMessage(failure?.tail ?? [], reason);
  // What was refused is told in full; the stack below it would only hide it.
  if (before.length > 0 && failure?.kind !== "denied") {
    lines.push(
      c.dim("  last lines of its log:"),
      ...before.map((line) => `  ${c.dim("│")} ${line}`),
    );
  }
  if (failure?.log !== undefined) lines.push(`  whole log: ${failure.log}`);
  lines.push(`  this stage alone: ${again}`);
  return lines;
}

/** A mistake's message ends the log too; once is enough. Nor shall a log move the cursor. */
function withoutMessage(tail: string[], message: string): string[] {
  const lines = message.split("\n");
  const plain = tail.map((line) => stripVTControlCharacters(line));
  const end = plain.slice(-lines.length);
  return end.join("\n") === message ? plain.slice(0, -lines.length) : plain;
}

/** The failed stages that a stage would have built on, directly or not; by id, those with any. */
function culpritsOf({ stages }: Pipeline, failed: ReadonlySet<string>): Map<string, string[]> {
  const culprits = new Map<string, string[]>();
  for (const { id, inputs } of stages) { // every stage comes after what it needs
    const needs = Object.values(inputs).flat().map((ref) => ref.id);
    const found = needs.flatMap((need) => failed.has(need) ? [need] : culprits.get(need) ?? []);
    if (found.length > 0) culprits.set(id, [...new Set(found)]);
  }
  return culprits;
}
