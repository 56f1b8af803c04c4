/**
 * Stages that would do the same work become one: a dataset that two included pipelines download, a
 * training that is the same at every scale.
 *
 * @module
 */
import { canonicalJson } from "../store/digest.ts";
import { renameProducers, type StageInstance } from "./instance.ts";

/**
 * Keeps the first of equal stages, with the ids of the others as aliases. Stages are equal that use
 * the same with the same parameters, inputs and threads. An input of many keeps the names that its
 * outputs had, so that no result depends on what else is in the pipeline.
 *
 * @param stages in an order in which every stage comes after what it needs
 */
export function mergeEqual(stages: StageInstance[]): StageInstance[] {
  const kept = new Map<string, StageInstance>(); // by what makes them equal
  const standIns = new Map<string, string>(); // id → id of the stage that was kept
  for (const stage of stages) {
    const inputs = renameProducers(stage, (id) => standIns.get(id) ?? id);
    const { uses, params, modules, externals, resources: { cpu } } = stage;
    const work = canonicalJson({ uses, params, modules, externals, inputs, cpu });
    const twin = kept.get(work);
    if (twin) {
      twin.aliases.push(stage.id);
      standIns.set(stage.id, twin.id);
    } else {
      kept.set(work, { ...stage, inputs, aliases: [] });
    }
  }
  return [...kept.values()];
}
