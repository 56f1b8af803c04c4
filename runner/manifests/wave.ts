/**
 * Which stages of a plan are handed to a cluster now, and which have to wait for the next time.
 *
 * @module
 */
import { ResourcePool } from "../execute/resources.ts";
import type { PlannedStage } from "../plan/record.ts";
import { count } from "../ui/format.ts";

/** A stage to be run now. */
export interface Due {
  planned: Exclude<PlannedStage, { status: "hit" }>;
  /** Ids of stages, also to be run now, that must have finished before. */
  needs: string[];
}

/** A stage to be run later. */
export interface Later {
  id: string;
  /** E.g. `waits for train`. */
  why: string;
}

/** What the cluster can do. */
export interface WaveOptions {
  /** For how many others a job can wait; 0 where jobs know nothing of each other. */
  mostNeeds: number;
  /** Of what stages take slots of. */
  slots: Record<string, number>;
}

/** What to do now and later, each in the order of the plan. */
export interface Wave {
  now: Due[];
  later: Later[];
}

/**
 * Chooses. Stages with one key are one; of those that must not be there together, for a slot or a
 * mutex, only so many are taken as may be, for nothing on the cluster would hold the others back.
 *
 * @param plan in an order in which every stage comes after what it needs
 */
export function chooseWave(plan: PlannedStage[], { mostNeeds, slots }: WaveOptions): Wave {
  const pool = new ResourcePool({ cpu: Infinity, memory: Infinity, gpus: [], slots });
  const now: Due[] = [];
  const later: Later[] = [];
  const byKey = new Map<string, string>();
  const jobs = new Map<string, string>(); // id → id of the stage whose job makes its result

  for (const planned of plan) {
    if (planned.status === "hit") continue;
    const { id, resources } = planned.instance;
    const twin = planned.status === "would-run" ? byKey.get(planned.key) : undefined;
    if (twin !== undefined) {
      jobs.set(id, twin);
      continue;
    }
    const waitsFor = planned.status === "unknown" ? planned.waitsFor : [];
    const needs = [...new Set(waitsFor.flatMap((each) => jobs.get(each) ?? []))];
    const isOpen = waitsFor.some((each) => !jobs.has(each));
    if (isOpen || (mostNeeds === 0 && needs.length > 0)) later.push({ id, why: planned.reason });
    else if (needs.length > mostNeeds) later.push({ id, why: tooMany(needs.length, mostNeeds) });
    else if (pool.take(resources) === undefined) later.push({ id, why: "waits for its slot" });
    else {
      now.push({ planned, needs });
      jobs.set(id, id);
      if (planned.status === "would-run") byKey.set(planned.key, id);
    }
  }
  return { now, later };
}

function tooMany(needs: number, most: number): string {
  return `waits for ${count(needs, "job")}, and a job can wait for ${most} at most`;
}
