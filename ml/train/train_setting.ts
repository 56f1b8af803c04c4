/**
 * One setting from weights to weights: what the stage `train` does.
 *
 * @module
 */
import type { ImageBatch } from "../data/batches.ts";
import type { Degradation } from "../data/degradation.ts";
import type { SrNet } from "../nn/contracts.ts";
import { checkpoint, Params } from "../nn/params.ts";
import type { Task, TaskData, TaskNet } from "../tasks/task.ts";
import { startBackend } from "../tensor/backend.ts";
import { chanceOf } from "./chance.ts";
import { writeCurves } from "./curves.ts";
import { runTraining, type TrainingReport } from "./loop.ts";
import { readWeights, writeDescription, writeWeights } from "./model_folder.ts";
import { adamW, sgd } from "./optimizers.ts";
import type { LossWeights, Updates } from "./recipe.ts";
import { type SettingName, usesSr } from "./setting_names.ts";
import { type Course, rateSchedule, SETTING } from "./settings.ts";
import type { Criterion } from "./tdp.ts";
import { trainee } from "./trainee.ts";

/** What the stage's parameters say. */
export interface SettingParams {
  setting: SettingName;
  seed: number;
  scale: number;
  degradation: Degradation;
  network: string;
  network_options: Record<string, unknown>;
  sr_network?: string | undefined;
  sr_network_options: Record<string, unknown>;
  epochs: number;
  batch_size: number;
  lr_warm_up_epochs: number;
  tdp_warm_up_epochs: number;
  period_epochs: number | null;
  task_optimizer: { lr: number; eta_min: number; momentum: number; weight_decay: number };
  sr_optimizer: { lr: number; eta_min: number; weight_decay: number };
  weights: LossWeights;
  tdp_criterion: Criterion;
  updates: Updates;
  cqmix_cells: number;
  transform: { resize: number | null; crop: number | null };
}

/** What the stage is handed. */
export interface SettingContext {
  params: SettingParams;
  inputs: { data: string; sr: string | undefined; task: string | undefined };
  outputs: { model: string };
  scratch: string;
  checkpointSeconds: number;
  cpus: number;
  signal: AbortSignal;
  report: TrainingReport;
}

/** A file of `models/sr/`. */
export interface SrModule {
  build(p: Params, options: Record<string, unknown>): SrNet;
}

/** The modules that the parameters name. */
export interface SettingModules<B extends ImageBatch> {
  task: Task<B, TaskNet<B>, TaskData<B>>;
  network: unknown;
  srNetwork: SrModule | undefined;
}

/** Trains and writes the model folder. */
export async function trainSetting<B extends ImageBatch>(
  { params, inputs, outputs, scratch, checkpointSeconds, cpus, signal, report }: SettingContext,
  modules: SettingModules<B>,
): Promise<void> {
  await startBackend({ threads: cpus });
  const { seed, scale, setting: name, batch_size: batchSize } = params;
  const setting = SETTING[name];
  const data = await modules.task.open(inputs.data, { use: "train", ...params.transform });
  const S = usesSr(name) ? await startSr(params, inputs.sr, modules.srNetwork) : undefined;
  const T = await startTask(params, inputs.task, modules, data.classes.length, report);

  const iterationsPerEpoch = data.iterationsPerEpoch(batchSize);
  const course: Course = {
    epochs: params.epochs,
    lrWarmUp: params.lr_warm_up_epochs,
    tdpWarmUp: params.tdp_warm_up_epochs,
    period: params.period_epochs,
    iterationsPerEpoch,
  };
  const iterations = Math.max(1, Math.round(params.epochs * iterationsPerEpoch));
  const step = setting.recipe({
    S,
    T,
    scale,
    degradation: params.degradation,
    weights: params.weights,
    criterion: params.tdp_criterion,
    updates: params.updates,
    cells: params.cqmix_cells,
    uniform: data.uniform,
  });
  const rate = ({ lr, eta_min }: { lr: number; eta_min: number }, factor = 1) =>
    rateSchedule({ base: lr * factor, etaMin: eta_min }, setting.restarts, course);
  const tdpFrom = Math.round(params.tdp_warm_up_epochs * iterationsPerEpoch);
  report.log(
    `${setting.label}: ${data.images} images, ${iterations} iterations of ${batchSize} images`,
  );

  const curves = await runTraining<B>({
    iterations,
    batches: (start) => data.train({ batchSize, seed, scale, start }),
    networks: {
      ...S !== undefined && setting.moves.S
        ? { S: { ...S, schedules: [rate(params.sr_optimizer)] } }
        : {},
      ...setting.moves.T
        ? { T: { ...T, schedules: T.factors.map((factor) => rate(params.task_optimizer, factor)) } }
        : {},
    },
    step: (batch, numbers) =>
      step({
        batch,
        tdp: batch.iteration >= tdpFrom,
        // A network that stands still is never asked for its numbers.
        numbers: { S: numbers.S, T: numbers.T },
        chance: chanceOf(seed, batch.iteration),
      }),
    scratch,
    checkpointSeconds,
    report,
    signal,
  });

  await writeCurves(outputs.model, curves);
  await writeWeights(outputs.model, "task", T.params);
  if (S !== undefined) await writeWeights(outputs.model, "sr", S.params);
  await writeDescription(outputs.model, {
    setting: name,
    seed,
    scale,
    degradation: params.degradation,
    classes: data.classes,
    task: { network: params.network, options: params.network_options },
    ...S === undefined || params.sr_network === undefined
      ? {}
      : { sr: { network: params.sr_network, options: params.sr_network_options } },
  });
}

async function startSr(
  { seed, scale, sr_network, sr_network_options, sr_optimizer }: SettingParams,
  folder: string | undefined,
  module: SrModule | undefined,
) {
  if (module === undefined || sr_network === undefined) {
    throw new TypeError("Cannot train this setting: it needs sr_network, a file of models/sr");
  }
  const p = Params.create(seed, (await readWeights(folder, "sr")).source);
  const net = module.build(p, { ...sr_network_options, scale });
  return trainee(net, p, (v) => adamW(v, { weightDecay: sr_optimizer.weight_decay }));
}

async function startTask<B extends ImageBatch>(
  { seed, network_options, task_optimizer }: SettingParams,
  folder: string | undefined,
  { task, network }: SettingModules<B>,
  classes: number,
  report: TrainingReport,
) {
  const { tensors } = await readWeights(folder, "task");
  // A last layer for other classes is left out, as in the published trainings from ImageNet weights.
  const unfit: string[] = [];
  const source = checkpoint(tensors, ({ name }) => unfit.push(name));
  const p = Params.create(seed, source);
  const net = task.build(p, network, network_options, classes);
  const names = new Set(tensors.map(({ name }) => name));
  const taken = p.all().filter(({ name }) => names.has(name)).length - unfit.length;
  report.log(
    `task network: ${taken} of ${p.all().length} tensors from weights, the rest at random` +
      (unfit.length === 0 ? "" : `; of another shape: ${unfit.join(", ")}`),
  );
  const { factors, groups } = rateGroups(net, p);
  const { momentum, weight_decay: weightDecay } = task_optimizer;
  return { ...trainee(net, p, (v) => sgd(v, { momentum, weightDecay, groups })), factors };
}

/** The learning-rate factors that occur, and which of them each trained parameter has. */
export function rateGroups<B extends ImageBatch>(
  net: TaskNet<B>,
  p: Params,
): { factors: number[]; groups: number[] } {
  const each = p.all().filter(({ role }) => role === "trained")
    .map(({ name }) => net.rateFactor?.(name) ?? 1);
  const factors = [...new Set([1, ...each])];
  return { factors, groups: each.map((factor) => factors.indexOf(factor)) };
}
