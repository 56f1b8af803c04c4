/**
 * Trains one setting of one task: the task network, the super-resolution network, or both.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";
import {
  degradation,
  lossWeights,
  srOptimizer,
  taskOptimizer,
  tdpCriterion,
  transform,
} from "../ml/train/options.ts";
import { TRAINED_SETTINGS } from "../ml/train/setting_names.ts";

export default defineStage({
  summary: "Train one setting: h2t, l2t, s2t, t2s, swt, sr4ir or label_free_t",
  params: z.strictObject({
    setting: z.enum(TRAINED_SETTINGS)
      .describe(
        "What is trained on what, as in the paper's tables; label_free_t is not of the paper",
      ),
    task: moduleIn("ml/tasks").describe("A file of ml/tasks"),
    seed: z.int().nonnegative().default(1),
    scale: z.literal([2, 4, 8]).default(4).describe("Down- and up-scaling factor"),
    degradation,
    network: moduleIn("models").describe("Task network: a file below models"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    sr_network: moduleIn("models/sr").optional().describe("A file of models/sr"),
    sr_network_options: z.record(z.string(), z.unknown()).default({}),
    epochs: z.number().positive(),
    batch_size: z.int().positive().default(16),
    lr_warm_up_epochs: z.number().nonnegative().default(0)
      .describe("Learning rates rise linearly for so long"),
    tdp_warm_up_epochs: z.number().nonnegative().default(0)
      .describe("sr4ir: S learns from pixels alone for so long"),
    period_epochs: z.number().positive().nullable().default(null)
      .describe("Length of the cosine; by default what the linear rise leaves of epochs"),
    task_optimizer: taskOptimizer,
    sr_optimizer: srOptimizer,
    weights: lossWeights,
    transform,
    tdp_criterion: tdpCriterion.default("l1")
      .describe("sr4ir: mean absolute, as published, or mean squared difference of features"),
    updates: z.enum(["alternate", "joint"]).default("alternate")
      .describe("sr4ir: S and T in turns, as published, or both by one backward pass"),
    cqmix_cells: z.int().positive().default(8).describe("sr4ir: cells per side of the mask"),
  }),
  inputs: {
    data: artifact("<task>_dataset"),
    sr: optional(artifact(["sr_weights", "model", "weights"])),
    task: optional(artifact(["backbone", "model", "weights"])),
  },
  outputs: { model: artifact("model") },
  compute: true,
  images: true,

  async run(context) {
    const { trainSetting } = await import("../ml/train/train_setting.ts");
    const { params } = context;
    const load = (file: string) => import(import.meta.resolve(file));
    await trainSetting(context, {
      task: (await load(`../ml/tasks/${params.task}.ts`)).task,
      network: await load(`../models/${params.network}.ts`),
      srNetwork: params.sr_network === undefined
        ? undefined
        : await load(`../models/sr/${params.sr_network}.ts`),
    });
  },
});
