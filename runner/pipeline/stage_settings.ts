/**
 * What a stage says about how it is run: `resources`, `timeout`, `grace`, `checkpoint_seconds`,
 * `retries`.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
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

/** Where a stage says anything of it. */
const SAID = ["resources", "timeout", "grace", "checkpoint_seconds", "retries"] as const;

/** Of the many stages that say nothing. They share it, and it must not be changed. */
const DEFAULTS = Object.freeze({ resources: Object.freeze({ cpu: 1, gpu: 0 }), retries: 0 });

/**
 * Reads them, with defaults; what cannot be read is added to `mistakes`.
 *
 * @param slots what the file counts, by name
 */
export function readSettings(
  { name, entry, cell, lookUp, path }: StageCell,
  slots: Record<string, number>,
  mistakes: Mistakes,
): Pick<
  StageInstance,
  "resources" | "timeoutSeconds" | "graceSeconds" | "checkpointSeconds" | "retries"
> {
  if (!SAID.some((name) => entry[name] !== undefined)) return DEFAULTS;
  const read = <T>(
    steps: Step[],
    parse: (value: unknown) => T | undefined,
    expected: string,
  ): T | undefined => {
    const given = valueAt(entry, steps);
    if (given === undefined || given === null) return undefined; // most stages say nothing
    const at = [...path, ...steps];
    const before = mistakes.count;
    const value = substitute(given, at, lookUp, mistakes);
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

  const [memory, ...moreMemory] = read(
    ["resources", "memory"],
    sizes,
    "a size such as 2GiB, or a list of rising sizes",
  ) ?? [];
  const taken = Object.keys(entry.resources?.slots ?? {}).flatMap((slot): [string, number][] => {
    const steps = ["resources", "slots", slot];
    const count = read(steps, whole(1), "a whole number from 1");
    if (Object.hasOwn(slots, slot)) return count === undefined ? [] : [[slot, count]];
    mistakes.add(`stage "${name}" takes a slot "${slot}", which the pipeline does not count`, {
      path: [...path, ...steps],
      cell,
      on: "key",
    }, {
      hint: didYouMean(slot, Object.keys(slots)),
      notes: [`say how many there are, at the top of the file: slots: { ${slot}: 1 }`],
    });
    return [];
  });
  const mutex = entry.resources?.mutex ?? [];
  const resources: Resources = {
    cpu: read(["resources", "cpu"], whole(1), "a whole number from 1") ?? 1,
    gpu: read(["resources", "gpu"], whole(0), "a whole number from 0") ?? 0,
    ...(memory === undefined ? {} : { memory }),
    ...(moreMemory.length === 0 ? {} : { moreMemory }),
    ...(taken.length === 0 ? {} : { slots: Object.fromEntries(taken) }),
    ...(mutex.length === 0 ? {} : { mutex }),
  };
  const time = text(parseSeconds);
  const timeoutSeconds = read(["timeout"], time, "a time such as 90s, 30m, 12h or 2d");
  const graceSeconds = read(["grace"], time, "a time such as 30s");
  const checkpointSeconds = read(["checkpoint_seconds"], above0, "a number of seconds above 0");
  return {
    resources,
    retries: read(["retries"], whole(0), "a whole number from 0") ?? 0,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    ...(checkpointSeconds === undefined ? {} : { checkpointSeconds }),
  };
}

function above0(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Bytes of one size, or of several that rise. */
function sizes(value: unknown): number[] | undefined {
  const found = (Array.isArray(value) ? value : [value]).map((one) => parseBytes(String(one)));
  const rising = found.filter((bytes, i) => bytes !== undefined && bytes > (found[i - 1] ?? 0))
    .filter((bytes) => bytes !== undefined);
  return found.length > 0 && rising.length === found.length ? rising : undefined;
}
