/**
 * Where a run's stages run, and what there is room for: this machine, or a cluster.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { Executor } from "../execute/executor.ts";
import { localExecutor } from "../execute/local.ts";
import type { Capacity } from "../execute/resources.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { configFile } from "../plan/module_graph.ts";
import type { RunCommandOptions, Surroundings } from "./options.ts";
import { thisMachine } from "./this_machine.ts";

/**
 * As the options say.
 *
 * @param notify tells the person what happens to jobs of a cluster
 * @throws {UserError} if it cannot be had, or the options do not fit together
 */
export async function placeToRun(
  pipeline: Pick<Pipeline, "slots">,
  options: RunCommandOptions,
  { root }: Pick<Surroundings, "root">,
  notify: (text: string) => void,
): Promise<{ executor: Executor; capacity: Capacity }> {
  const here = thisMachine(pipeline, options);
  if (options.executor !== "slurm") {
    return { executor: localExecutor(root, configFile(root)), capacity: here };
  }
  if (options.gpus !== undefined) {
    throw new UserError({
      message: "--gpus chooses GPUs of this machine; on a cluster Slurm chooses them",
      notes: ["say how many a stage needs in the pipeline file: resources: { gpu: 1 }"],
    });
  }
  const { clusterCapacity, clusterExecutor } = await import("./cluster.ts");
  const executor = await clusterExecutor(root, options, notify);
  return { executor, capacity: clusterCapacity(here, options) };
}
