/**
 * A model folder of a task network alone, whose weights were imported.
 *
 * @module
 */
import type { Degradation } from "../data/degradation.ts";
import { InputError } from "../image/input_error.ts";
import { readWholeImport, weightsFile } from "../weights/import/import_folder.ts";
import { writeDescription } from "./model_folder.ts";

/** What is known beside the weights. */
export interface TaskNaming {
  /** The first part of the network's name, such as `detection`. */
  task: string;
  /** Background included; none: classes are numbered. */
  classes: readonly string[];
  scale: number;
  degradation: Degradation;
}

/**
 * Writes a folder as H→T has it.
 *
 * @param weights folder of the stage `import_weights`
 * @throws {InputError} if the network is of another task, incomplete, or has other classes
 */
export async function taskModel(
  { task, classes: names, scale, degradation }: TaskNaming,
  weights: string,
  folder: string,
): Promise<{ network: string; classes: string[] }> {
  const { network, options } = await readWholeImport(weights, "task");
  if (!network.startsWith(`${task}/`)) {
    throw new InputError(
      `Cannot use ${network} for ${task}: it is for ${network.split("/")[0]}; ` +
        `set the task to that, or choose a network of models/${task}`,
    );
  }
  const count = Number(options.num_classes);
  if (names.length > 0 && names.length !== count) {
    throw new InputError(
      `Cannot name the classes of ${network}: its weights are for ${count}, but there are ` +
        `${names.length} names: ${names.join(", ")}; give one for each, background included ` +
        "where the task has it, or none",
    );
  }
  const classes = names.length > 0
    ? [...names]
    : Array.from({ length: count }, (_, i) => `class ${i}`);
  await Deno.copyFile(weightsFile(weights, "task"), weightsFile(folder, "task"));
  await writeDescription(folder, {
    setting: "h2t",
    scale,
    degradation,
    classes,
    task: { network, options },
  });
  return { network, classes };
}
