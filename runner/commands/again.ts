/**
 * Commands to propose: the same pipeline with the same choices, for other stages.
 *
 * @module
 */
import type { PlanOptions } from "./options.ts";

/**
 * The text of `deno task run FILE …` as a person would type it.
 *
 * @param options what the person has given; all that chooses keys or the store is repeated
 * @param more further arguments, e.g. `["--only", "train/h2t"]`
 */
export function runAgain(file: string, options: PlanOptions, more: string[]): string {
  return ["deno task run", ...runArguments(file, options, more).map(quoted)].join(" ");
}

/** The same as arguments of `run`. */
export function runArguments(file: string, options: PlanOptions, more: string[]): string[] {
  const { profile, set = [], store, backend } = options;
  return [
    file,
    ...(profile === undefined ? [] : ["--profile", profile]),
    ...set.flatMap((text) => ["--set", text]),
    ...(store === undefined ? [] : ["--store", store]),
    ...(backend === "auto" ? [] : ["--backend", backend]),
    ...more,
  ];
}

/** A word as a shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
