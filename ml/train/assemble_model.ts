/**
 * A model folder of weights that were trained elsewhere.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { Degradation } from "../data/degradation.ts";
import { readWholeImport, weightsFile } from "../weights/import/import_folder.ts";
import { writeDescription } from "./model_folder.ts";
import { type SettingName, usesSr } from "./setting_names.ts";

/** What the weights are measured as. */
export interface Assembly {
  setting: SettingName;
  scale: number;
  degradation: Degradation;
  /** The dataset's, background included where the task has it. */
  classes: string[];
}

/**
 * Writes a folder like that of a trained setting.
 *
 * @param inputs folders of the stage `import_weights`
 * @throws {InputError} if weights are missing, incomplete, or for another dataset or scale
 */
export async function assembleModel(
  { setting, scale, degradation, classes }: Assembly,
  inputs: { task: string; sr: string | undefined },
  folder: string,
): Promise<void> {
  const T = await readWholeImport(inputs.task, "task");
  const { num_classes } = T.options;
  if (num_classes !== classes.length) {
    throw new InputError(
      `Cannot measure ${T.network} on this dataset: its weights are for ${num_classes} classes, ` +
        `the dataset has ${classes.length}: ${classes.join(", ")}`,
    );
  }
  const S = await superResolution(setting, scale, inputs.sr);
  await Deno.copyFile(weightsFile(inputs.task, "task"), weightsFile(folder, "task"));
  await writeDescription(folder, {
    setting,
    scale,
    degradation,
    classes,
    task: { network: T.network, options: T.options },
    ...S === undefined ? {} : { sr: S },
  });
  if (inputs.sr !== undefined) {
    await Deno.copyFile(weightsFile(inputs.sr, "sr"), weightsFile(folder, "sr"));
  }
}

async function superResolution(
  setting: SettingName,
  scale: number,
  folder: string | undefined,
): Promise<{ network: string; options: Record<string, unknown> } | undefined> {
  if (!usesSr(setting)) {
    if (folder === undefined) return undefined;
    throw new InputError(
      `Cannot measure the setting ${setting} with weights of a super-resolution network: ` +
        "it has none; leave them out, or choose s2t, t2s, swt or sr4ir",
    );
  }
  if (folder === undefined) {
    throw new InputError(
      `Cannot measure the setting ${setting} without weights of a super-resolution network: ` +
        "give them too, or choose h2t or l2t",
    );
  }
  const { network, options } = await readWholeImport(folder, "sr");
  if (options.scale !== scale) {
    throw new InputError(
      `Cannot measure at scale ${scale}: the weights of ${network} are for scale ${options.scale}`,
    );
  }
  // As trained models have it: S by its name in models/sr.
  return { network: network.replace(/^sr\//, ""), options };
}
