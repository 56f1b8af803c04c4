/**
 * Trains a super-resolution network on pictures alone: the S that other settings start from.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";
import { pictureTraining } from "../ml/train/picture_options.ts";

export default defineStage({
  summary: "Train a super-resolution network on pixels (setting SR)",
  params: pictureTraining.extend({
    network: moduleIn("models/sr").describe("A file of models/sr"),
    network_options: z.record(z.string(), z.unknown()).default({}),
  }),
  inputs: {
    images: artifact(["images", "*_dataset"]),
    start: optional(artifact(["sr_weights", "weights"])),
  },
  outputs: { weights: artifact("sr_weights") },
  compute: true,
  images: true,

  async run(context) {
    const { Params } = await import("../ml/nn/params.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { readWeights, writeWeights } = await import("../ml/train/model_folder.ts");
    const { adamW } = await import("../ml/train/optimizers.ts");
    const { srOnly } = await import("../ml/train/recipes/sr_only.ts");
    const { trainee } = await import("../ml/train/trainee.ts");
    const { trainOnPictures } = await import("../ml/train/train_on_pictures.ts");

    const { params, inputs, outputs, cpus } = context;
    await startBackend({ threads: cpus });
    const { seed, scale, degradation, optimizer } = params;
    const { source } = await readWeights(inputs.start, "sr");
    const p = Params.create(seed, source);
    const { build } = await import(import.meta.resolve(`../models/sr/${params.network}.ts`));
    const S = trainee(
      build(p, { ...params.network_options, scale }),
      p,
      (variables) => adamW(variables, { weightDecay: optimizer.weight_decay }),
    );
    await trainOnPictures(S, { ...context, images: inputs.images }, ({ uniform }) => {
      const step = srOnly(S, { scale, degradation, uniform });
      return ({ images }, numbers, chance) => step(images, numbers, chance);
    });
    await writeWeights(outputs.weights, "sr", p);
  },
});
