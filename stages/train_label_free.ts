/**
 * Trains S for a task network that stands still, on pictures without labels: S follows the pixels
 * and what T sees in them. This goes beyond the paper.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";
import { tdpCriterion } from "../ml/train/options.ts";
import { pictureTraining } from "../ml/train/picture_options.ts";

export default defineStage({
  summary: "Train S for a fixed task network on pictures without labels (not of the paper)",
  params: pictureTraining.extend({
    task: moduleIn("ml/tasks").describe("A file of ml/tasks"),
    network: moduleIn("models").describe("Task network: a file below models"),
    sr_network: moduleIn("models/sr").describe("A file of models/sr"),
    sr_network_options: z.record(z.string(), z.unknown()).default({}),
    weights: z.strictObject({
      pixel: z.number().nonnegative().default(1),
      tdp: z.number().nonnegative().default(0.3)
        .describe("Task-driven perceptual loss; 0 leaves it out: the control"),
    }).prefault({}).describe("Weights of the losses"),
    tdp_criterion: tdpCriterion.default("l2").describe("Mean absolute or mean squared difference"),
  }),
  inputs: {
    images: artifact(["images", "*_dataset"]),
    sr: optional(artifact(["sr_weights", "weights"])),
    task: artifact("model"),
  },
  outputs: { model: artifact("model") },
  compute: true,
  images: true,

  async run(context) {
    const { trainLabelFree } = await import("../ml/train/train_label_free.ts");
    const { params } = context;
    const load = (file: string) => import(import.meta.resolve(file));
    await trainLabelFree(context, {
      task: (await load(`../ml/tasks/${params.task}.ts`)).task,
      network: await load(`../models/${params.network}.ts`),
      srNetwork: await load(`../models/sr/${params.sr_network}.ts`),
    });
  },
});
