/**
 * Some iterations of the alternate training, the same for every task: losses, PSNR, learning rates,
 * what became of weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { z } from "zod";
import type { ImageBatch } from "../../ml/data/batches.ts";
import { lowResolution } from "../../ml/data/degradation.ts";
import { meanPsnr, squaredErrors } from "../../ml/metrics/image_quality.ts";
import type { SrNet } from "../../ml/nn/contracts.ts";
import { Params } from "../../ml/nn/params.ts";
import type { TaskNet } from "../../ml/tasks/task.ts";
import { quantize } from "../../ml/tensor/ops/downscale.ts";
import { adamW, sgd } from "../../ml/train/optimizers.ts";
import { sr4ir } from "../../ml/train/recipes/sr4ir.ts";
import { restartingCosine, type Schedule } from "../../ml/train/schedules.ts";
import { rateGroups } from "../../ml/train/train_setting.ts";
import { type Trainee, trainee } from "../../ml/train/trainee.ts";
import * as edsr from "../../models/sr/edsr.ts";
import { firstCandidates } from "./first_sampler.ts";
import {
  at,
  checkChange,
  checkNumber,
  checkScalar,
  entries,
  type Fixture,
  imageTensor,
  tensorSpec,
  weightsSource,
} from "./harness.ts";

/** What a task says of its training files. */
export interface TrainingCase<B extends ImageBatch> {
  /** The task's word in weights, options and names: `weights.det`, `optim_det`, `det/fc.weight`. */
  word: string;
  /** The word of its losses: `l_ce_sr`, `ce_sr_opt`. */
  lossWord: string;
  /** Declares the task network by what the file says it is built with. */
  build(p: Params, options: unknown): TaskNet<B>;
  /** The batch of an iteration, from 0. */
  batch(iteration: number): B;
  /** All batches have one shape. */
  uniform: boolean;
  /**
   * How many times the stored tolerances are allowed. Default 1; with more, parameters are compared
   * after the first iteration only, as their differences grow from one to the next.
   */
  slack?: number;
  /** Factor of each of the original's groups of parameters. Default one group. */
  factors?: readonly number[];
  /** Makes the schedule in force of the restarting cosine. Default that itself. */
  schedule?(main: Schedule, base: number, iterationsPerEpoch: number): Schedule;
}

const inputsSchema = z.looseObject({
  scale: z.literal([2, 4, 8]),
  iterations: z.int(),
  iterations_per_epoch: z.int(),
  warmup_epoch: z.int(),
  masks: z.array(z.array(z.string())),
  mask_cells: z.int(),
});

const lossWeight = z.looseObject({ loss_weight: z.number() })
  .transform(({ loss_weight }) => loss_weight);
const schedulerSchema = z.looseObject({
  periods: z.array(z.number()),
  restart_weights: z.array(z.number()),
  eta_min: z.number(),
});
const adamWSchema = z.looseObject({
  type: z.literal("AdamW"),
  lr: z.number(),
  weight_decay: z.number(),
  betas: z.tuple([z.number(), z.number()]),
});
const sgdSchema = z.looseObject({
  type: z.literal("SGD"),
  lr: z.number(),
  momentum: z.number(),
  weight_decay: z.number(),
});
const tdpSchema = z.looseObject({
  loss_weight: z.number(),
  criterion: z.literal("l1"),
  layer_weights: z.record(z.string(), z.number()),
});

/** Runs the iterations of `training/*` and compares each with the file. */
export async function trajectory<B extends ImageBatch>(
  fixture: Fixture,
  task: TrainingCase<B>,
): Promise<void> {
  const inputs = inputsSchema.parse(fixture.inputs);
  const { scale, iterations_per_epoch: N } = inputs;
  const { word, lossWord, slack = 1 } = task;
  const S = superResolver(fixture, scale);
  const T = taskNetwork(fixture, task);
  const lossWeightOf = (name: string) => lossWeight.parse(at(fixture.options, `${name}_opt`));
  const step = sr4ir<B>({
    S,
    T,
    scale,
    degradation: "official",
    criterion: "l1",
    updates: "alternate",
    weights: {
      pixel: lossWeightOf("pixel"),
      task: 1,
      tdp: lossWeightOf("tdp"),
      sr: lossWeightOf(`${lossWord}_sr`),
      hr: lossWeightOf(`${lossWord}_hr`),
      cqmix: lossWeightOf(`${lossWord}_cqmix`),
    },
    cells: inputs.mask_cells,
    uniform: task.uniform,
  });
  const rates = {
    sr: [schedule(fixture, task, "sr", 1, N)],
    [word]: T.factors.map((factor) => schedule(fixture, task, word, factor, N)),
  };
  const networks = { sr: S.params, [word]: T.params };
  const before = await states(networks);

  for (let i = 0; i < inputs.iterations; i++) {
    const label = `iteration ${i + 1}`;
    const wanted = at(fixture.expected, `iteration_${i + 1}`);
    const batch = task.batch(i);
    const numbers = (optimizer: Trainee<unknown>["optimizer"], schedules: Schedule[]) =>
      tf.tensor1d(optimizer.numbers(i + 1, schedules.map((rate) => rate(i))));
    const losses = step({
      batch,
      tdp: Math.floor(i / N) + 1 > inputs.warmup_epoch,
      numbers: { S: numbers(S.optimizer, rates.sr), T: numbers(T.optimizer, rates[word]) },
      chance: {
        sampler: () => firstCandidates,
        dropout: () => undefined,
        mask: () => Float32Array.from(inputs.masks[i].join(""), Number),
        drops: (keepRates, images) => new Float32Array(keepRates.length * images).fill(1),
      },
    });
    for (const [name, value] of entries(at(wanted, "loss"))) {
      const loss = losses[lossName(name, lossWord)];
      checkScalar((await loss.data())[0], value, `${label}: ${name}`, slack);
    }
    const errors = tf.tidy(() =>
      squaredErrors(quantize(S.net(lowResolution(batch.images, scale, "official"))), batch.images)
    );
    checkScalar(meanPsnr(await errors.data()).value, at(wanted, "psnr"), `${label}: psnr`, slack);
    for (const [part, groups] of entries(at(wanted, "learning_rates"))) {
      z.array(z.number()).parse(groups).forEach((rate, group) => {
        const factor = part === "sr" ? 1 : task.factors?.[group] ?? 1;
        const ours = rates[part][part === "sr" ? 0 : T.factors.indexOf(factor)];
        checkNumber(ours(i), rate, 1e-9 * rate, `${label}: learning rate ${group} of ${part}`);
      });
    }
    if (slack > 1 && i > 0) continue;
    const after = await states(networks);
    for (const [name, change] of entries(at(wanted, "state"))) {
      const [first, now] = [before.get(name), after.get(name)];
      assert.ok(first !== undefined && now !== undefined, `there is no parameter ${name}`);
      checkChange(first, now, change, `${label}: ${name}`, slack);
    }
  }
}

/** The images of an iteration where all have one size: `inputs.images` names them by iteration. */
export function imagesAt(fixture: Fixture, iteration: number): ImageBatch {
  const spec = z.looseObject({ name: z.string() }).parse(at(fixture.inputs, "images"));
  const images = imageTensor({ ...spec, name: nameAt(spec.name, iteration) });
  const [B, H, W] = images.shape;
  return {
    images,
    sizes: Array.from({ length: B }, () => [H, W] as const),
    indices: Int32Array.from({ length: B }, (_, i) => i),
  };
}

/** A described tensor of an iteration. */
export function specAt(spec: unknown, iteration: number): z.infer<typeof tensorSpec> {
  const parsed = tensorSpec.parse(spec);
  return { ...parsed, name: nameAt(parsed.name, iteration) };
}

function nameAt(name: string, iteration: number): string {
  return name.replace("<iteration>", String(iteration));
}

function superResolver(fixture: Fixture, scale: 2 | 4 | 8): Trainee<SrNet> {
  const { n_blocks: blocks, n_feats: channels } = z.looseObject({
    n_blocks: z.int(),
    n_feats: z.int(),
  }).parse(at(fixture, "network_options", "sr"));
  const { betas, weight_decay: weightDecay } = adamWSchema.parse(at(fixture.options, "optim_sr"));
  const p = Params.create(0, weightsSource(at(fixture, "weights", "sr")));
  const net = edsr.build(p, edsr.options.parse({ scale, blocks, channels }));
  return trainee(net, p, (v) => adamW(v, { betas, weightDecay }));
}

function taskNetwork<B extends ImageBatch>(
  fixture: Fixture,
  { word, build }: TrainingCase<B>,
): Trainee<TaskNet<B>> & { factors: number[] } {
  const p = Params.create(0, weightsSource(at(fixture, "weights", word)));
  const net = build(p, at(fixture, "network_options", word));
  assert.deepEqual(
    net.featureWeights,
    tdpSchema.parse(at(fixture.options, "tdp_opt")).layer_weights,
  );
  assert.equal(
    p.trained().reduce((sum, { size }) => sum + size, 0),
    z.int().parse(fixture.optimised_parameters_of_the_task_net),
    "trained numbers of the task network",
  );
  const { momentum, weight_decay: weightDecay } = sgdSchema.parse(
    at(fixture.options, `optim_${word}`),
  );
  const { factors, groups } = rateGroups(net, p);
  return { ...trainee(net, p, (v) => sgd(v, { momentum, weightDecay, groups })), factors };
}

function schedule<B extends ImageBatch>(
  { options }: Fixture,
  task: TrainingCase<B>,
  word: string,
  factor: number,
  N: number,
): Schedule {
  const { lr } = z.looseObject({ lr: z.number() }).parse(at(options, `optim_${word}`));
  const { eta_min, periods, restart_weights } = schedulerSchema.parse(
    at(options, `scheduler_${word}`),
  );
  const base = lr * factor;
  const main = restartingCosine({
    base,
    etaMin: eta_min,
    periods: periods.map((period) => period * N),
    restartWeights: restart_weights,
  });
  return task.schedule?.(main, base, N) ?? main;
}

/** `l_pix` → `pixel`, `l_tdp` → `tdp`, `l_ce_sr` → `sr`. */
function lossName(original: string, lossWord: string): string {
  if (original === "l_pix") return "pixel";
  return original.replace(/^l_/, "").replace(`${lossWord}_`, "");
}

/** Values of all parameters, named as in the file: `sr/head.0.weight`. */
async function states(networks: Record<string, Params>): Promise<Map<string, Float32Array>> {
  const parts = await Promise.all(
    Object.entries(networks).map(async ([part, p]) =>
      (await p.snapshot()).map((
        { name, data },
      ): [string, Float32Array] => [`${part}/${name}`, data])
    ),
  );
  return new Map(parts.flat());
}
