/**
 * From the manifest of a run back to the options of the command that made it.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import type { RunRecord } from "./run_record.ts";

/** What chose the stages of a run and their params; all else can change no result. */
export interface RepeatedOptions {
  profile?: string;
  set?: string[];
  until?: string[];
  only?: string[];
}

/** Path of a run's pipeline file, as a person would type it here. */
export function fileOfRun({ file }: RunRecord, root: string): string {
  const absolute = resolve(root, file);
  const here = relative(Deno.cwd(), absolute);
  return here.startsWith("..") ? absolute : here;
}

/** The options. A run of an earlier version does not say which part of the pipeline it was. */
export function optionsOfRun({ profile, sets, choices }: RunRecord): RepeatedOptions {
  const { until = [], only = [] } = choices ?? {};
  return {
    ...(profile !== "default" && { profile }),
    ...(sets.length > 0 && { set: sets }),
    ...(until.length > 0 && { until }),
    ...(only.length > 0 && { only }),
  };
}
