/**
 * Trains a super-resolution network on pictures alone: the S that other settings start from.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";

export default defineStage({
  summary: "Train a super-resolution network on pixels (setting SR)",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1),
    scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
    network: moduleIn("models/sr").describe("A file of models/sr"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    epochs: z.number().positive(),
    batch_size: z.int().positive().default(16),
    crop: z.int().positive().nullable().default(null)
      .describe("Side of random windows, pixels; whole images if null"),
    flip: z.number().min(0).max(1).default(0.5).describe("Share of mirrored images"),
    lr_warm_up_iterations: z.int().nonnegative().default(0),
    optimizer: z.strictObject({
      lr: z.number().positive().default(1e-4),
      eta_min: z.number().nonnegative().default(1e-6),
      weight_decay: z.number().nonnegative().default(0),
    }).prefault({}).describe("AdamW"),
  }),
  inputs: {
    images: artifact(["images", "detection_dataset"]),
    start: optional(artifact(["sr_weights", "weights"])),
  },
  outputs: { weights: artifact("sr_weights") },
  compute: true,
  images: true,

  async run({ params, inputs, outputs, scratch, cpus, signal, report }) {
    const { imageBatches, listImages, iterationsPerEpoch } = await import("../ml/data/loader.ts");
    const { pictureCache } = await import("../ml/data/picture_cache.ts");
    const { Params } = await import("../ml/nn/params.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { runTraining } = await import("../ml/train/loop.ts");
    const { readWeights, writeWeights } = await import("../ml/train/model_folder.ts");
    const { adamW } = await import("../ml/train/optimizers.ts");
    const { srOnly } = await import("../ml/train/recipes/sr_only.ts");
    const { riseAndFall } = await import("../ml/train/schedules.ts");
    const { trainee } = await import("../ml/train/trainee.ts");
    const { sameSize } = await import("../ml/data/same_size.ts");

    await startBackend({ threads: cpus });
    const { seed, scale, optimizer } = params;
    const { source } = await readWeights(inputs.start, "sr");
    const p = Params.create(seed, source);
    const { build } = await import(import.meta.resolve(`../models/sr/${params.network}.ts`));
    const S = trainee(
      build(p, { ...params.network_options, scale }),
      p,
      (variables) => adamW(variables, { weightDecay: optimizer.weight_decay }),
    );

    const files = await listImages(inputs.images);
    const perEpoch = iterationsPerEpoch(files.length, params.batch_size);
    const iterations = Math.max(1, Math.round(params.epochs * perEpoch));
    const schedule = riseAndFall({
      base: optimizer.lr,
      etaMin: optimizer.eta_min,
      rise: params.lr_warm_up_iterations,
      iterations,
    });
    const read = pictureCache();
    const uniform = params.crop !== null || await sameSize(files, read);
    const step = srOnly(S, { scale, uniform });
    report.log(`${files.length} images, ${iterations} iterations, ${p.trained().length} tensors`);

    await runTraining({
      iterations,
      batches: (start) =>
        imageBatches(files, {
          batchSize: params.batch_size,
          seed,
          scale,
          read,
          start,
          flip: params.flip,
          ...params.crop === null ? {} : { crop: params.crop },
        }),
      networks: {
        sr: { ...S, schedule },
      },
      step: ({ images }, numbers) => step(images, numbers.sr),
      scratch,
      report,
      signal,
    });
    await writeWeights(outputs.weights, "sr", p);
  },
});
