/**
 * Measures a trained setting: the task's metric, how close S's images are to the originals, and
 * pictures of what was found.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn } from "../runner/stage.ts";
import { transform } from "../ml/train/options.ts";

export default defineStage({
  summary: "Evaluate a trained setting: the task's metric, PSNR, pictures",
  params: z.strictObject({
    task: moduleIn("ml/tasks").describe("A file of ml/tasks"),
    scoring: moduleIn("ml/evaluation").describe("A file of ml/evaluation: how the task is scored"),
    network: moduleIn("models").describe("Task network: a file below models"),
    sr_network: moduleIn("models/sr").optional().describe("A file of models/sr"),
    variant: z.string().min(1).nullable().default(null)
      .describe("How the training differs from the setting as it is defined, for tables"),
    batch_size: z.int().positive().default(1).describe("Images at once; 1 if their sizes differ"),
    transform,
    psnr: z.strictObject({
      border: z.int().nonnegative().default(8)
        .describe("Pixels cut from every side; 8 at every scale, as published"),
      padding: z.boolean().default(true)
        .describe("detection: whether the padding of a batch counts too, as published"),
    }).prefault({}).describe("How closeness to the originals is measured"),
    pictures: z.int().nonnegative().default(6).describe(
      "Images to keep for the report, with what was found in them",
    ),
  }),
  inputs: { model: artifact("model"), data: artifact("<task>_dataset") },
  outputs: { metrics: artifact("metrics") },
  compute: true,
  images: true,

  async run(context) {
    const { writeEvaluation } = await import("../ml/report/write_evaluation.ts");
    const { evaluateSetting } = await import("../ml/evaluation/evaluate_setting.ts");
    const { params, outputs } = context;
    const load = (file: string) => import(import.meta.resolve(file));
    const evaluation = await evaluateSetting(context, {
      task: (await load(`../ml/tasks/${params.task}.ts`)).task,
      scoring: (await load(`../ml/evaluation/${params.scoring}.ts`)).scoring,
      network: await load(`../models/${params.network}.ts`),
      srNetwork: params.sr_network === undefined
        ? undefined
        : await load(`../models/sr/${params.sr_network}.ts`),
    });
    await writeEvaluation(outputs.metrics, evaluation);
  },
});
