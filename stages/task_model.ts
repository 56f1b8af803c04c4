/**
 * Makes a model of a task network's weights: they get names for their classes.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";
import { degradation } from "../ml/train/options.ts";

export default defineStage({
  summary: "Make a model of a task network's weights alone, to train S for it",
  params: z.strictObject({
    task: z.string().describe("Which task it is for, such as detection"),
    classes: z.array(z.string()).default([])
      .describe("Names, background included; without any they are numbered"),
    scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor of the S to come"),
    degradation,
  }),
  inputs: { weights: artifact("weights") },
  outputs: { model: artifact("model") },

  async run({ params, inputs, outputs, report }) {
    const { taskModel } = await import("../ml/train/task_model.ts");
    const { network, classes } = await taskModel(params, inputs.weights, outputs.model);
    report.log(`${network}: ${classes.length} classes: ${classes.join(", ")}`);
  },
});
