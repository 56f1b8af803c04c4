/**
 * Trains a backbone to tell small pictures apart: what ImageNet weights are for real photographs.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, moduleIn } from "../runner/stage.ts";

export default defineStage({
  summary: "Pre-train a backbone by classifying small pictures of one object each",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1),
    network: moduleIn("models/backbones").describe("A file of models/backbones with a classifier"),
    epochs: z.number().positive(),
    batch_size: z.int().positive().default(64),
    lr_warm_up_iterations: z.int().nonnegative().default(20),
    optimizer: z.strictObject({
      lr: z.number().positive().default(3e-3),
      eta_min: z.number().nonnegative().default(1e-5),
      weight_decay: z.number().nonnegative().default(1e-4),
    }).prefault({}).describe("AdamW"),
  }),
  inputs: { crops: artifact("class_crops") },
  outputs: { weights: artifact("backbone") },
  compute: true,
  images: true,

  async run({ params, inputs, outputs, scratch, checkpointSeconds, cpus, signal, report }) {
    const tf = await import("@tensorflow/tfjs-core");
    const { readClassCrops } = await import("../ml/data/class_crops.ts");
    const { imageBatches, imagesPerEpoch } = await import("../ml/data/image_batches.ts");
    const { pictureCache } = await import("../ml/data/picture_cache.ts");
    const { softmaxCrossEntropy } = await import("../ml/nn/losses.ts");
    const { Params } = await import("../ml/nn/params.ts");
    const { startBackend } = await import("../ml/tensor/backend.ts");
    const { compile } = await import("../ml/tensor/compile.ts");
    const { runTraining } = await import("../ml/train/loop.ts");
    const { writeWeights } = await import("../ml/train/model_folder.ts");
    const { adamW } = await import("../ml/train/optimizers.ts");
    const { riseAndFall } = await import("../ml/train/schedules.ts");
    const { trainee, update } = await import("../ml/train/trainee.ts");

    await startBackend({ threads: cpus });
    const { seed, batch_size: batchSize, optimizer } = params;
    const crops = await readClassCrops(inputs.crops);
    const p = Params.create(seed);
    const { build } = await import(import.meta.resolve(`../models/backbones/${params.network}.ts`));
    const net = trainee(
      build(p, { classes: crops.classes.length }),
      p,
      (variables) => adamW(variables, { weightDecay: optimizer.weight_decay }),
    );
    const move = compile<void>(([images, labels, numbers]) => {
      const { classes } = update(
        [[net, numbers as import("@tensorflow/tfjs-core").Tensor1D]],
        () => ({ classes: softmaxCrossEntropy(net.net(images, "train"), labels) }),
      );
      return [classes];
    }, net.state);

    const perEpoch = imagesPerEpoch(crops.files.length, batchSize, "drop");
    const iterations = Math.max(1, Math.round(params.epochs * perEpoch));
    const schedule = riseAndFall({
      base: optimizer.lr,
      etaMin: optimizer.eta_min,
      rise: params.lr_warm_up_iterations,
      iterations,
    });
    const read = pictureCache();
    await runTraining({
      iterations,
      batches: (start) =>
        imageBatches(crops.files, {
          batchSize,
          seed,
          scale: 1,
          read,
          start,
          flip: 0.5,
          resize: null,
          crop: null,
          last: "drop",
        }),
      networks: { backbone: { ...net, schedules: [schedule] } },
      step({ images, indices }, { backbone }) {
        const labels = tf.tensor1d(Array.from(indices, (i) => crops.labels[i]), "int32");
        const [classes] = move([images, labels, backbone], undefined);
        labels.dispose();
        return { classes: classes as import("@tensorflow/tfjs-core").Scalar };
      },
      scratch,
      checkpointSeconds,
      report,
      signal,
    });
    await writeWeights(outputs.weights, "task", p);
  },
});
