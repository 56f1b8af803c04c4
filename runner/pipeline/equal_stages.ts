/**
 * Stages that would do the same work become one: a dataset that two included pipelines download, a
 * training that is the same at every scale.
 *
 * @module
 */
import { digestValue } from "../store/digest.ts";
import { renameProducers, type StageInstance } from "./instance.ts";

/**
 * Keeps the first of equal stages, with the ids of the others as aliases. Stages are equal that use
 * the same with the same parameters, inputs and threads. An input of many keeps the names that its
 * outputs had, so that no result depends on what else is in the pipeline.
 *
 * @param stages in an order in which every stage comes after what it needs; those that are kept are
 * changed, not copied
 */
export function mergeEqual(stages: StageInstance[]): StageInstance[] {
  const kept = new Map<string, StageInstance>(); // by what makes them equal
  const standIns = new Map<string, string>(); // id → id of the stage that was kept
  for (const stage of stages) {
    const inputs = renameProducers(stage, (id) => standIns.get(id) ?? id);
    const { uses, params, modules, externals, resources: { cpu } } = stage;
    const work = digestValue({ uses, params, modules, externals, inputs, cpu });
    const twin = kept.get(work);
    if (twin) {
      if (twin.aliases.length === 0) twin.aliases = []; // no longer the one that many share
      twin.aliases.push(stage.id);
      standIns.set(stage.id, twin.id);
    } else {
      stage.inputs = inputs;
      kept.set(work, stage);
    }
  }
  return [...kept.values()];
}
