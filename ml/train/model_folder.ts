/**
 * A trained setting on disk: `model.json`, `task.safetensors` and, if it has one, `sr.safetensors`.
 *
 * @module
 */
import { z } from "zod";
import { checkpoint, type NamedTensor, type Params, type Source } from "../nn/params.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import { degradation } from "./options.ts";
import { ALL_SETTINGS } from "./setting_names.ts";

const network = z.strictObject({
  network: z.string(),
  options: z.record(z.string(), z.unknown()),
});

const description = z.strictObject({
  setting: z.enum(ALL_SETTINGS),
  /** Trainings that differ in this alone are repetitions; absent if it was trained elsewhere. */
  seed: z.int().optional(),
  scale: z.int(),
  degradation,
  /** K names, background included. */
  classes: z.array(z.string()),
  task: network,
  sr: network.optional(),
});

/** What `model.json` says. */
export type ModelDescription = z.infer<typeof description>;

/** Writes the weights of a network of the folder, in PyTorch's names and layouts. */
export async function writeWeights(
  folder: string,
  part: "sr" | "task",
  params: Params,
): Promise<void> {
  await writeSafetensors(`${folder}/${part}.safetensors`, await params.snapshot());
}

/** Values of a folder's weights by name; what it lacks is left to chance. */
export async function readWeights(
  folder: string | undefined,
  part: "sr" | "task",
): Promise<{ source: Source; tensors: NamedTensor[] }> {
  const tensors = folder === undefined
    ? []
    : (await readSafetensors(`${folder}/${part}.safetensors`)).tensors;
  return { source: checkpoint(tensors), tensors };
}

/** Writes `model.json`. */
export async function writeDescription(folder: string, model: ModelDescription): Promise<void> {
  await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify(model, null, 2) + "\n");
}

/** Reads `model.json`. */
export async function readDescription(folder: string): Promise<ModelDescription> {
  return description.parse(JSON.parse(await Deno.readTextFile(`${folder}/model.json`)));
}
