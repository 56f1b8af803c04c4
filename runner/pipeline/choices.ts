/**
 * Notices a mistyped choice: `--set data.source=foldr` where conditions ask for `folder`.
 *
 * A word that no condition knows is fine by itself, it may stand for "none of these". One that
 * nearly equals a word they know would silently leave stages out; it is surely a slip.
 *
 * @module
 */
import { nearest } from "../nearest.ts";
import type { Mistakes } from "./mistakes.ts";
import type { PipelineFile } from "./schema.ts";
import { valueAt } from "./schema_walk.ts";

const COMPARISON = /\$\{\s*params\.([\w.-]+)\s*\}\s*[!=]=\s*(["']?)([A-Za-z_][\w-]*)\2/g;

/** Checks the params that conditions compare with words. */
export function checkChoices({ stages, params }: PipelineFile, mistakes: Mistakes): void {
  const words = new Map<string, Set<string>>();
  for (const { when } of Object.values(stages ?? {})) {
    if (typeof when !== "string") continue;
    for (const [, name, , word] of when.matchAll(COMPARISON)) {
      words.set(name, (words.get(name) ?? new Set()).add(word));
    }
  }
  for (const [name, known] of words) {
    const path = name.split(".");
    const value = valueAt(params, path);
    if (typeof value !== "string" || known.has(value)) continue;
    const near = nearest(value, known);
    if (near === undefined) continue;
    mistakes.add(
      `no condition knows the value "${value}" of the param "${name}"`,
      { path: ["params", ...path] },
      { hint: `did you mean "${near}"?`, notes: [`conditions ask for: ${[...known].join(", ")}`] },
    );
  }
}
