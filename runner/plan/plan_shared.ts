/**
 * A plan that also counts on results of others: what is in no store here may be somewhere else.
 *
 * @module
 */
import type { Pipeline } from "../pipeline/instance.ts";
import { type KnownOutputs, type PlanContext, planInstance, reuse } from "./plan.ts";
import type { ActionRecord, PlannedStage } from "./record.ts";

/** A stage whose key is known and has no result here. */
type Missing = Extract<PlannedStage, { status: "would-run" }>;

/**
 * Plans all stages; those that do not need each other are looked for side by side.
 *
 * @param find looks elsewhere; undefined if it is not there either
 */
export async function planShared(
  pipeline: Pipeline,
  context: PlanContext,
  find: (stage: Missing) => Promise<ActionRecord | undefined>,
): Promise<PlannedStage[]> {
  const known: KnownOutputs = new Map();
  const fates = new Map<string, Promise<PlannedStage>>();
  for (const instance of pipeline.stages) {
    const producers = Object.values(instance.inputs).flat().map(({ id }) => fates.get(id));
    const decide = async (): Promise<PlannedStage> => {
      await Promise.all(producers);
      const exact = planInstance(instance, known, context);
      const planned = exact.status === "would-run" ? await reuse(exact, context) : exact;
      const record = planned.status === "would-run" && !context.forced?.has(instance.id)
        ? await find(planned)
        : undefined;
      const fate: PlannedStage = record === undefined ? planned : {
        instance,
        status: "hit",
        key: record.key,
        record,
        reason: "in the remote cache",
        remote: true,
      };
      if (fate.status === "hit") known.set(instance.id, fate.record.outputs);
      return fate;
    };
    fates.set(instance.id, decide());
  }
  return await Promise.all(fates.values());
}
