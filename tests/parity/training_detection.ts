/**
 * Some iterations of the alternate training: losses, PSNR, learning rates, what became of weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import type { DetectionBatch } from "../../ml/data/detection_batches.ts";
import { padBatch } from "../../ml/data/pad_batch.ts";
import { meanPsnr, squaredErrors } from "../../ml/metrics/image_quality.ts";
import { Params } from "../../ml/nn/params.ts";
import { task } from "../../ml/tasks/detection.ts";
import { startBackend } from "../../ml/tensor/backend.ts";
import { quantize } from "../../ml/tensor/ops/downscale.ts";
import { adamW, sgd } from "../../ml/train/optimizers.ts";
import { lowResolution } from "../../ml/train/recipe.ts";
import { sr4ir } from "../../ml/train/recipes/sr4ir.ts";
import { restartingCosine, type Schedule, warmUpThen } from "../../ml/train/schedules.ts";
import { trainee } from "../../ml/train/trainee.ts";
import * as edsr from "../../models/sr/edsr.ts";
import * as fasterRcnn from "../../models/detection/faster_rcnn.ts";
import { detectorOptions, targetList } from "./faster_rcnn.ts";
import { firstCandidates } from "./first_sampler.ts";
import {
  at,
  checkChange,
  checkNumber,
  checkScalar,
  entries,
  type Fixture,
  formulaTensor,
  nchwToNhwc,
  weightsSource,
} from "./harness.ts";

const inputsSchema = z.looseObject({
  scale: z.literal([2, 4, 8]),
  iterations: z.int(),
  iterations_per_epoch: z.int(),
  warmup_epoch: z.int(),
  sizes: z.array(z.tuple([z.int(), z.int()])),
  images: z.looseObject({ name: z.string(), kind: z.string() }),
  targets: z.array(z.unknown()),
  masks: z.array(z.array(z.string())),
  mask_cells: z.int(),
});

const weight = z.looseObject({ loss_weight: z.number() });
const scheduler = z.looseObject({
  periods: z.array(z.number()),
  restart_weights: z.array(z.number()),
  eta_min: z.number(),
});
const optionsSchema = z.looseObject({
  optim_sr: z.looseObject({
    type: z.literal("AdamW"),
    lr: z.number(),
    weight_decay: z.number(),
    betas: z.tuple([z.number(), z.number()]),
  }),
  optim_det: z.looseObject({
    type: z.literal("SGD"),
    lr: z.number(),
    momentum: z.number(),
    weight_decay: z.number(),
  }),
  scheduler_sr: scheduler,
  scheduler_det: scheduler,
  pixel_opt: weight,
  tdp_opt: z.looseObject({
    loss_weight: z.number(),
    criterion: z.literal("l1"),
    layer_weights: z.record(z.string(), z.number()),
  }),
  det_sr_opt: weight,
  det_hr_opt: weight,
  det_cqmix_opt: weight,
});

/** Names of the original's losses. */
const LOSSES: Record<string, string> = {
  l_pix: "pixel",
  l_tdp: "tdp",
  l_det_sr: "sr",
  l_det_hr: "hr",
  l_det_cqmix: "cqmix",
};

/** Compares `training/det*`. */
export default async function trainingDetection(fixture: Fixture): Promise<void> {
  await startBackend({ threads: 2 });
  const inputs = inputsSchema.parse(fixture.inputs);
  const options = optionsSchema.parse(fixture.options);
  const { scale, iterations_per_epoch: N } = inputs;

  const network = z.looseObject({ n_blocks: z.int(), n_feats: z.int() }).parse(
    at(fixture, "network_options", "sr"),
  );
  const srParams = Params.create(0, weightsSource(at(fixture, "weights", "sr")));
  const srOptions = edsr.options.parse({
    scale,
    blocks: network.n_blocks,
    channels: network.n_feats,
  });
  const { optim_sr, optim_det } = options;
  const S = trainee(
    edsr.build(srParams, srOptions),
    srParams,
    (v) => adamW(v, { betas: optim_sr.betas, weightDecay: optim_sr.weight_decay }),
  );
  const detParams = Params.create(0, weightsSource(at(fixture, "weights", "det")));
  const detOptions = detectorOptions(at(fixture, "network_options", "det"));
  const T = trainee(
    task.build(detParams, fasterRcnn, detOptions, detOptions.num_classes),
    detParams,
    (v) => sgd(v, { momentum: optim_det.momentum, weightDecay: optim_det.weight_decay }),
  );
  assert.deepEqual(T.net.featureWeights, options.tdp_opt.layer_weights);
  assert.equal(
    detParams.trained().reduce((sum, { size }) => sum + size, 0),
    z.int().parse(fixture.optimised_parameters_of_the_task_net),
    "trained numbers of the detector",
  );
  const step = sr4ir<DetectionBatch>({
    S,
    T,
    scale,
    weights: {
      pixel: options.pixel_opt.loss_weight,
      task: 1,
      tdp: options.tdp_opt.loss_weight,
      sr: options.det_sr_opt.loss_weight,
      hr: options.det_hr_opt.loss_weight,
      cqmix: options.det_cqmix_opt.loss_weight,
    },
    cells: inputs.mask_cells,
    uniform: false,
  });
  const rates = {
    sr: schedule(optim_sr.lr, options.scheduler_sr, N),
    det: schedule(optim_det.lr, options.scheduler_det, N),
  };
  const before = { sr: await byName(srParams), det: await byName(detParams) };

  for (let i = 0; i < inputs.iterations; i++) {
    const batch = batchAt(inputs, i);
    const wanted = at(fixture.expected, `iteration_${i + 1}`);
    const losses = step({
      batch,
      tdp: Math.floor(i / N) + 1 > inputs.warmup_epoch,
      numbers: {
        S: tf.tensor1d(S.optimizer.numbers(i + 1, [rates.sr(i)])),
        T: tf.tensor1d(T.optimizer.numbers(i + 1, [rates.det(i)])),
      },
      chance: {
        sampler: () => firstCandidates,
        dropout: () => undefined,
        mask: () => Float32Array.from(inputs.masks[i].join(""), Number),
      },
    });
    for (const [name, value] of entries(at(wanted, "loss"))) {
      const loss = losses[LOSSES[name]];
      checkScalar((await loss.data())[0], value, `iteration ${i + 1}: ${name}`);
    }
    const errors = tf.tidy(() => {
      const sr = S.net(lowResolution(batch.images, scale));
      return squaredErrors(quantize(sr), batch.images);
    });
    checkScalar(
      meanPsnr(await errors.data()).value,
      at(wanted, "psnr"),
      `iteration ${i + 1}: psnr`,
    );
    for (
      const [part, [rate]] of Object.entries(
        z.record(z.string(), z.array(z.number())).parse(at(wanted, "learning_rates")),
      )
    ) {
      checkNumber(rates[part as "sr" | "det"](i), rate, 1e-9 * rate, `learning rate of ${part}`);
    }
    const after = { sr: await byName(srParams), det: await byName(detParams) };
    for (const [name, change] of entries(at(wanted, "state"))) {
      const part = name.startsWith("sr/") ? "sr" : "det";
      const parameter = name.slice(part.length + 1);
      const [first, now] = [before[part].get(parameter), after[part].get(parameter)];
      assert.ok(first !== undefined && now !== undefined, `there is no parameter ${name}`);
      checkChange(first, now, change, `iteration ${i + 1}: ${name}`);
    }
  }
}

/** Detection's schedule: linear in the first epoch, then the cosine from its own step 0. */
function schedule(base: number, options: z.infer<typeof scheduler>, N: number): Schedule {
  const main = restartingCosine({
    base,
    etaMin: options.eta_min,
    periods: options.periods.map((period) => period * N),
    restartWeights: options.restart_weights,
  });
  return warmUpThen(main, base, N);
}

function batchAt(inputs: z.infer<typeof inputsSchema>, iteration: number): DetectionBatch {
  const { images: { name, kind }, sizes, scale } = inputs;
  const pictures = sizes.map(([height, width], image) => {
    const shape = [1, 3, height, width];
    const full = name.replace("<iteration>", String(iteration)).replace("<image>", String(image));
    const data = nchwToNhwc(
      formulaTensor({ name: full, shape, kind, scale: 0.5, offset: 0.5 }),
      shape,
    );
    return { width, height, data };
  });
  const { data, size: [H, W] } = padBatch(pictures, scale, (length) => new Float32Array(length));
  return {
    images: tf.tensor4d(data, [sizes.length, H, W, 3]),
    sizes,
    indices: Int32Array.from(sizes, (_, i) => i),
    targets: targetList(inputs.targets[iteration]),
  };
}

async function byName(p: Params): Promise<Map<string, Float32Array>> {
  return new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
}
