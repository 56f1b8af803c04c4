/**
 * Trains a super-resolution network on pictures alone: the S that other settings start from.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn, optional } from "../runner/stage.ts";
import { degradation } from "../ml/train/options.ts";

export default defineStage({
  summary: "Train a super-resolution network on pixels (setting SR)",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1),
    scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
    degradation,
    network: moduleIn("models/sr").describe("A file of models/sr"),
    network_options: z.record(z.string(), z.unknown()).default({}),
    epochs: z.number().positive(),
    repeat: z.int().positive().default(1)
      .describe("How often an epoch shows each picture: with crop, so many windows of it"),
    batch_size: z.int().positive().default(16),
    resize: z.int().positive().nullable().default(null)
      .describe("Pictures are first resized to so many pixels on the shorter side"),
    crop: z.int().positive().nullable().default(null)
      .describe("Side of random windows, pixels; whole images if null"),
    last_batch: z.enum(["drop", "keep"]).default("drop")
      .describe("What becomes of an epoch's last batch where it is smaller"),
    flip: z.number().min(0).max(1).default(0.5).describe("Share of mirrored images"),
    turn: z.boolean().default(false)
      .describe("Windows are also turned by right angles at random; needs crop"),
    lr_warm_up_iterations: z.int().nonnegative().default(0)
      .describe("The learning rate rises linearly for so long"),
    lr_warm_up_epochs: z.number().nonnegative().nullable().default(null)
      .describe("The same in epochs, which counts if it is given"),
    period_epochs: z.number().positive().nullable().default(null)
      .describe("Length of the cosine; by default what the linear rise leaves of epochs"),
    optimizer: z.strictObject({
      lr: z.number().positive().default(1e-4),
      eta_min: z.number().nonnegative().default(1e-6),
      weight_decay: z.number().nonnegative().default(0),
    }).prefault({}).describe("AdamW"),
  }),
  inputs: {
    images: artifact(["images", "*_dataset"]),
    start: optional(artifact(["sr_weights", "weights"])),
  },
  outputs: { weights: artifact("sr_weights") },
  compute: true,
  images: true,

  async run({ params, inputs, outputs, scratch, checkpointSeconds, cpus, signal, report }) {
    const { openPictures } = await import("../ml/data/picture_set.ts");
    const { Params } = await import("../ml/nn/params.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { chanceOf } = await import("../ml/train/chance.ts");
    const { runTraining } = await import("../ml/train/loop.ts");
    const { readWeights, writeWeights } = await import("../ml/train/model_folder.ts");
    const { adamW } = await import("../ml/train/optimizers.ts");
    const { srOnly } = await import("../ml/train/recipes/sr_only.ts");
    const { riseAndFall } = await import("../ml/train/schedules.ts");
    const { trainee } = await import("../ml/train/trainee.ts");

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

    const pictures = await openPictures(inputs.images, {
      resize: params.resize,
      crop: params.crop,
      last: params.last_batch,
      turn: params.turn,
    }, params.repeat);
    const perEpoch = pictures.iterationsPerEpoch(params.batch_size);
    const inIterations = (epochs: number) => Math.round(epochs * perEpoch);
    const iterations = Math.max(1, inIterations(params.epochs));
    const { lr_warm_up_epochs, period_epochs } = params;
    const schedule = riseAndFall({
      base: optimizer.lr,
      etaMin: optimizer.eta_min,
      rise: lr_warm_up_epochs === null
        ? params.lr_warm_up_iterations
        : inIterations(lr_warm_up_epochs),
      iterations,
      period: period_epochs === null ? undefined : inIterations(period_epochs),
    });
    const step = srOnly(S, { scale, degradation, uniform: pictures.uniform });
    report.log(
      `${pictures.images} images, ${iterations} iterations, ${p.trained().length} tensors`,
    );

    await runTraining({
      iterations,
      batches: (start) =>
        pictures.batches({
          batchSize: params.batch_size,
          seed,
          scale,
          start,
          flip: params.flip,
        }),
      networks: { sr: { ...S, schedules: [schedule] } },
      step: ({ images, iteration }, numbers) => step(images, numbers.sr, chanceOf(seed, iteration)),
      scratch,
      checkpointSeconds,
      report,
      signal,
    });
    await writeWeights(outputs.weights, "sr", p);
  },
});
