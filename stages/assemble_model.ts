/**
 * Puts imported weights together as if a setting had been trained here, to measure them.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";
import { degradation } from "../ml/train/options.ts";
import { SETTINGS } from "../ml/train/setting_names.ts";

export default defineStage({
  summary: "Make a model of imported weights, to evaluate without training",
  params: z.strictObject({
    setting: z.enum(SETTINGS).describe("How the weights were trained, as in the paper's tables"),
    task: moduleIn("ml/tasks").describe("A file of ml/tasks"),
    scale: z.literal([2, 4, 8]).default(4).describe("Down- and up-scaling factor"),
    degradation,
  }),
  inputs: {
    data: artifact("<task>_dataset"),
    task: artifact("weights"),
    sr: optional(artifact("weights")),
  },
  outputs: { model: artifact("model") },
  images: true, // reading a dataset loads the codec

  async run({ params, inputs, outputs, report }) {
    const { assembleModel } = await import("../ml/train/assemble_model.ts");
    const { task } = await import(import.meta.resolve(`../ml/tasks/${params.task}.ts`));
    const data = await task.open(inputs.data, { use: "evaluate", resize: null, crop: null });
    await assembleModel({ ...params, classes: data.classes }, inputs, outputs.model);
    report.log(`${params.setting}: ${data.classes.length} classes`);
  },
});
