/**
 * What stages share besides processors, memory and GPUs: `slots: { disk: 2 }`.
 *
 * @module
 */
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { Mistakes } from "./mistakes.ts";
import type { PipelineFile } from "./schema.ts";

/** How many there are of each. */
export function readSlots(
  slots: PipelineFile["slots"],
  lookUp: LookUp,
  mistakes: Mistakes,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, written] of Object.entries(slots ?? {})) {
    const path = ["slots", name];
    const before = mistakes.count;
    const count = substitute(written, path, lookUp, mistakes);
    if (typeof count === "number" && Number.isSafeInteger(count) && count > 0) {
      counts[name] = count;
    } else if (mistakes.count === before) {
      mistakes.add(`"slots.${name}" must be a whole number from 1`, { path }, {
        hint: `found ${describe(count)}`,
      });
    }
    // Stages may take it all the same: one mistake is enough.
    counts[name] ??= 1;
  }
  return counts;
}

/** What two pipelines that run together may count on: of what both name, the smaller number. */
export function fewest(
  a: Record<string, number>,
  b: Record<string, number>,
): Record<string, number> {
  const both = { ...a, ...b };
  for (const name of Object.keys(a)) both[name] = Math.min(a[name], both[name]);
  return both;
}
