/**
 * The six settings of the paper, and this project's own: what each trains, on what, at which rates.
 *
 * @module
 */
import type { ImageBatch } from "../data/batches.ts";
import type { Setup, Step } from "./recipe.ts";
import { joint } from "./recipes/joint.ts";
import { phase1, phase2, sr4ir } from "./recipes/sr4ir.ts";
import { sr4irJoint } from "./recipes/sr4ir_joint.ts";
import { taskOnly, type View } from "./recipes/task_only.ts";
import type { SettingName } from "./setting_names.ts";
import { restartingCosine, type Schedule, warmUpThen } from "./schedules.ts";

/** One setting. */
export interface Setting {
  /** As the paper writes it; a dagger marks what is not of the paper. */
  label: string;
  /** What T is shown when it is evaluated. */
  view: View;
  /** Which networks move. */
  moves: { S: boolean; T: boolean };
  /** Whether the learning rates restart when T's features begin to count. */
  restarts: boolean;
  recipe<B extends ImageBatch>(setup: Setup<B>): Step<B>;
}

const T_ONLY = { S: false, T: true };
const S_ONLY = { S: true, T: false };
const BOTH = { S: true, T: true };

/** All settings by name. */
export const SETTING: Record<SettingName, Setting> = {
  h2t: {
    label: "H→T",
    view: "hr",
    moves: T_ONLY,
    restarts: false,
    recipe: (setup) => taskOnly(setup, "hr"),
  },
  l2t: {
    label: "L→T",
    view: "lr",
    moves: T_ONLY,
    restarts: false,
    recipe: (setup) => taskOnly(setup, "lr"),
  },
  s2t: {
    label: "S→T",
    view: "sr",
    moves: T_ONLY,
    restarts: false,
    recipe: (setup) => taskOnly(setup, "sr"),
  },
  t2s: {
    label: "T→S",
    view: "sr",
    moves: S_ONLY,
    restarts: false,
    recipe: (setup) => joint(setup, "s"),
  },
  swt: {
    label: "S+T",
    view: "sr",
    moves: BOTH,
    restarts: false,
    recipe: (setup) => joint(setup, "both"),
  },
  sr4ir: {
    label: "SR4IR",
    view: "sr",
    moves: BOTH,
    restarts: true,
    recipe: (setup) => setup.updates === "joint" ? sr4irJoint(setup) : sr4ir(setup),
  },
  label_free: {
    label: "label-free S†",
    view: "sr",
    moves: S_ONLY,
    restarts: false,
    recipe: phase1,
  },
  label_free_t: {
    label: "label-free S, T after†",
    view: "sr",
    moves: T_ONLY,
    restarts: true,
    recipe: (setup) => phase2(setup, { drop: false }),
  },
};

/** Lengths in epochs. */
export interface Course {
  epochs: number;
  /** Epochs in which the rates rise linearly. */
  lrWarmUp: number;
  /** Epochs before T's features count. */
  tdpWarmUp: number;
  /** Length of the cosine; by default what the linear warm-up leaves of `epochs`. */
  period: number | null;
  iterationsPerEpoch: number;
}

/**
 * The learning rate of one network: a linear rise, then one cosine, or for SR4IR two, the second
 * beginning when T's features begin to count.
 */
export function rateSchedule(
  { base, etaMin }: { base: number; etaMin: number },
  restarts: boolean,
  { epochs, lrWarmUp, tdpWarmUp, period, iterationsPerEpoch }: Course,
): Schedule {
  const cycles = restarts && tdpWarmUp > lrWarmUp
    ? [tdpWarmUp - lrWarmUp, epochs - tdpWarmUp]
    : [period ?? epochs - lrWarmUp];
  const periods = cycles.map((length) => Math.round(length * iterationsPerEpoch));
  const main = restartingCosine({ base, etaMin, periods });
  const rise = Math.round(lrWarmUp * iterationsPerEpoch);
  return rise === 0 ? main : warmUpThen(main, base, rise);
}
