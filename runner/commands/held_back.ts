/**
 * What to say of results that a strict remote cache was not given.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { count, listed } from "../ui/format.ts";
import { runAgain } from "./again.ts";
import type { PlanOptions } from "./options.ts";

/** A command with more stages than this is long enough to be typed in parts. */
const IN_ONE_COMMAND = 4;

/**
 * Says how many there are, and how to verify them.
 *
 * @param file of the pipeline; undefined if there may be several
 * @returns empty if there are none
 */
export function renderHeldBack(
  records: ActionRecord[],
  file: string | undefined,
  options: PlanOptions,
): string {
  if (records.length === 0) return "";
  const ids = [...new Set(records.map(({ madeBy }) => madeBy.id))].sort();
  const checks = ids.slice(0, IN_ONE_COMMAND).flatMap((id) => ["--check", id]);
  const command = file === undefined
    ? "deno task run FILE --check STAGE"
    : runAgain(file, options, checks);
  return `${count(records.length, "result")} held back, for nobody has verified that ` +
    `${records.length === 1 ? "it is" : "they are"} deterministic: ${listed(ids)}\n` +
    `  to verify: ${command}\n`;
}
