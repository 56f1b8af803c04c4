/**
 * What a past run would be made of today: stage by stage, whether it would have the key it had.
 *
 * Each stage is looked at on the inputs that it had then. So only what has changed itself is told,
 * not all that builds on it, and whether anything is still stored makes no difference.
 *
 * @module
 */
import { describeHost } from "../execute/host.ts";
import type { Pipeline, StageInstance } from "../pipeline/instance.ts";
import { type Difference, findDifferences } from "../plan/differences.ts";
import { keyMaterial, keyOf, type KnownOutputs, unknownProducers } from "../plan/key.ts";
import { namesOf, type PlanContext } from "../plan/plan.ts";
import { factDifferences, type RunDiff } from "./diff_runs.ts";
import { isDone, type RunRecord, type RunStage } from "./run_record.ts";

/** One stage then and today. */
export interface StageChange {
  id: string;
  /**
   * `same`: it would have its key. `gone`, `new`: only in the run, only in the pipeline. `unknown`: the
   * run did not come to it.
   */
  status: "same" | "changed" | "gone" | "new" | "unknown";
  /** Of one that has changed; absent if the record of then is gone, or it has other producers. */
  differences?: Difference[];
  /** Whether its result of then is in the store. */
  stored: boolean;
}

/** A past run and today. */
export interface RunChanges {
  run: string;
  stages: StageChange[];
  /** What is in no key and may still matter: host, processor, system, Deno. */
  facts: RunDiff["facts"];
}

/** Looks. @param pipeline the run's, as it is now, with the run's params and stages */
export function findChanges(
  run: RunRecord,
  pipeline: Pipeline,
  context: Pick<PlanContext, "store" | "code" | "digestPath" | "runtime">,
): RunChanges {
  const then = new Map(run.stages.flatMap((stage) => namesOfStage(stage).map((id) => [id, stage])));
  const known: KnownOutputs = new Map(
    [...then].flatMap(([id, stage]) => isDone(stage) ? [[id, stage.outputs]] : []),
  );
  const now = new Set(pipeline.stages.flatMap(namesOfStage));
  const stages = pipeline.stages.map((instance) => {
    const before = namesOfStage(instance).map((id) => then.get(id)).find((stage) => stage);
    return changeOf(instance, before, known, context);
  });
  const gone = run.stages.filter((stage) => !namesOfStage(stage).some((id) => now.has(id)));
  const here = { ...run, host: describeHost(), deno: Deno.version.deno };
  return {
    run: run.id,
    stages: [
      ...stages,
      ...gone.map(({ id, key }): StageChange => ({
        id,
        status: "gone",
        stored: isStored(key, context),
      })),
    ],
    facts: factDifferences(run, here),
  };
}

/** Whether nothing stands against having the run once more. */
export function isUnchanged({ stages }: RunChanges): boolean {
  return !stages.some(isChanged);
}

/** Whether it stands against having the run once more; a further stage does not. */
export function isChanged({ status }: StageChange): boolean {
  return status === "changed" || status === "gone";
}

function changeOf(
  instance: StageInstance,
  before: RunStage | undefined,
  known: KnownOutputs,
  context: Pick<PlanContext, "store" | "code" | "digestPath" | "runtime">,
): StageChange {
  const { id } = instance;
  if (before === undefined) return { id, status: "new", stored: false };
  if (before.key === null) return { id, status: "unknown", stored: false };
  const stored = isStored(before.key, context);
  const code = context.code.get(id);
  if (code === undefined) throw new RangeError(`Cannot look at ${id}: not in the pipeline`);
  if (unknownProducers(instance, known).length > 0) return { id, status: "changed", stored };
  const material = keyMaterial(instance, { ...context, code, known });
  if (keyOf(material) === before.key) return { id, status: "same", stored };
  const record = context.store.peekRecord(before.key);
  const differences = record &&
    findDifferences(record.material, material, namesOf(instance, context.store));
  return { id, status: "changed", ...(differences && { differences }), stored };
}

function isStored(key: string | null, { store }: Pick<PlanContext, "store">): boolean {
  return key !== null && store.getRecord(key) !== undefined;
}

/** Its id, and those of the equal stages that it stands for. */
export function namesOfStage({ id, aliases }: Pick<RunStage, "id" | "aliases">): string[] {
  return [id, ...aliases];
}
