/**
 * What a stage says about how it is run: `resources`, `timeout`, `retries`.
 *
 * @module
 */
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { Resources, StageInstance } from "./instance.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { parseBytes, parseSeconds } from "./quantities.ts";
import type { StageEntry } from "./schema.ts";
import { valueAt } from "./schema_walk.ts";
import type { Step } from "./source.ts";

/** The stage, or one cell of it. */
export interface StageCell {
  name: string;
  entry: StageEntry;
  cell: At["cell"];
  lookUp: LookUp;
  /** Where the stage stands. */
  path: Step[];
}

/** Reads them, with defaults; what cannot be read is added to `mistakes`. */
export function readSettings(
  { name, entry, cell, lookUp, path }: StageCell,
  mistakes: Mistakes,
): Pick<StageInstance, "resources" | "timeoutSeconds" | "retries"> {
  const read = <T>(
    steps: Step[],
    parse: (value: unknown) => T | undefined,
    expected: string,
  ): T | undefined => {
    const at = [...path, ...steps];
    const before = mistakes.count;
    const value = substitute(valueAt(entry, steps) ?? undefined, at, lookUp, mistakes);
    if (mistakes.count > before || value === undefined || value === null) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) {
      mistakes.add(`"${steps.join(".")}" of stage "${name}" must be ${expected}`, {
        path: at,
        cell,
      }, {
        hint: `found ${describe(value)}`,
      });
    }
    return parsed;
  };
  const whole = (least: number) => (value: unknown) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined;
  const text = (parse: (text: string) => number | undefined) => (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? parse(String(value)) : undefined;

  const memory = read(["resources", "memory"], text(parseBytes), "a size such as 2GiB");
  const resources: Resources = {
    cpu: read(["resources", "cpu"], whole(1), "a whole number from 1") ?? 1,
    gpu: read(["resources", "gpu"], whole(0), "a whole number from 0") ?? 0,
    ...(memory === undefined ? {} : { memory }),
  };
  const timeoutSeconds = read(
    ["timeout"],
    text(parseSeconds),
    "a time such as 90s, 30m, 12h or 2d",
  );
  return {
    resources,
    retries: read(["retries"], whole(0), "a whole number from 0") ?? 0,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}
