/**
 * One trained setting to numbers: what the stage `evaluate` does.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../data/batches.ts";
import { meanPsnr, squaredErrors } from "../metrics/image_quality.ts";
import type { SrNet } from "../nn/contracts.ts";
import { Params } from "../nn/params.ts";
import type { TaskData, TaskNet } from "../tasks/task.ts";
import { startBackend } from "../tensor/backend.ts";
import { quantize } from "../tensor/ops/downscale.ts";
import { type Curves, readCurves } from "../train/curves.ts";
import type { TrainingReport } from "../train/loop.ts";
import { type ModelDescription, readDescription, readWeights } from "../train/model_folder.ts";
import { sgd } from "../train/optimizers.ts";
import { viewer } from "../train/recipes/task_only.ts";
import type { SettingName } from "../train/setting_names.ts";
import { SETTING } from "../train/settings.ts";
import type { Evaluation, MarkedImage, Scoring } from "./scoring.ts";
import { type Snapshot, takeSnapshots } from "./snapshots.ts";
import type { SettingModules, SrModule } from "../train/train_setting.ts";
import { type Trainee, trainee } from "../train/trainee.ts";

/** What the stage is handed. */
export interface EvaluationContext {
  params: {
    variant: string | null;
    batch_size: number;
    pictures: number;
    psnr: { border: number; padding: boolean };
    transform: { resize: number | null; crop: number | null };
  };
  inputs: { model: string; data: string };
  cpus: number;
  signal: AbortSignal;
  report: TrainingReport & { metric(name: string, value: number | null): void };
}

/** Numbers of a setting. */
export interface SettingMetrics {
  setting: SettingName;
  label: string;
  /** How the training differs from the setting as it is defined; part of the label. */
  variant: string | null;
  /** Trainings that differ in this alone are repetitions; null if it is not known. */
  seed: number | null;
  scale: number;
  /** S; null if the setting has none. */
  network: string | null;
  /** Number of images. */
  images: number;
  mainMetric: string;
  metrics: Record<string, number | null>;
  /** The main metric by class name. */
  perClass: Record<string, number | null>;
  /** Where pictures show a class for every pixel: the colours, RGB in 0 … 255. */
  colours?: Evaluation["colours"];
}

/** All that is known of a setting once it is evaluated. */
export interface SettingEvaluation {
  metrics: SettingMetrics;
  /** What was predicted, to be written as JSON. */
  predictions: unknown;
  /** Losses while it was trained; empty if that is not known. */
  curves: Curves;
  /** The first images of the dataset. */
  pictures: (Snapshot & MarkedImage)[];
}

/** Shows a trained setting every image of a dataset and scores what it answers. */
export async function evaluateSetting<B extends ImageBatch>(
  { params, inputs, cpus, signal, report }: EvaluationContext,
  modules: SettingModules<B> & { scoring: Scoring<B, TaskNet<B>, TaskData<B>> },
): Promise<SettingEvaluation> {
  await startBackend({ threads: cpus });
  const model = await readDescription(inputs.model);
  const setting = SETTING[model.setting];
  const data = await modules.task.open(inputs.data, { use: "evaluate", ...params.transform });
  if (data.classes.join() !== model.classes.join()) {
    throw new RangeError(
      `Cannot evaluate: the model knows ${model.classes.join(", ")}; ` +
        `the dataset has ${data.classes.join(", ")}`,
    );
  }
  const T = Params.create(0, (await readWeights(inputs.model, "task")).source);
  const net = modules.task.build(T, modules.network, model.task.options, model.classes.length);
  const S = await loadSr(inputs.model, model, modules.srNetwork);
  const { scale, degradation } = model;
  const show = viewer({ S, scale, degradation, uniform: data.uniform }, setting.view);

  const evaluator = modules.scoring.evaluator(net, data, params.pictures);
  const batchSize = data.uniform ? params.batch_size : 1;
  const errors: number[] = [];
  const snapshots: Snapshot[] = [];
  let done = 0;
  for await (const batch of data.evaluate({ batchSize, scale })) {
    signal.throwIfAborted();
    const [images, originals] = tf.tidy(() => {
      const both = [show(batch.images), batch.images]; // [B, H, W, 3]
      return modules.task.padding === "cut" ? both.map((x) => cutPadding(x, batch)) : both;
    });
    if (setting.view !== "hr") {
      errors.push(...await pictureErrors(images, originals, batch, params.psnr));
    }
    await evaluator.add(images, batch);
    snapshots.push(
      ...await takeSnapshots(batch, images, { count: params.pictures, scale, degradation }),
    );
    tf.dispose([images, originals, batch.images]);
    done += batch.sizes.length;
    report.progress(done, data.images, "images");
  }

  const { metrics, perClass, predictions, colours } = evaluator.finish();
  const all = { ...metrics, PSNR: errors.length === 0 ? null : meanPsnr(errors).value };
  for (const [name, value] of Object.entries(all)) report.metric(name, value);
  return {
    metrics: {
      setting: model.setting,
      label: params.variant === null ? setting.label : `${setting.label}, ${params.variant}`,
      variant: params.variant,
      seed: model.seed ?? null,
      scale,
      network: model.sr?.network ?? null,
      images: data.images,
      mainMetric: modules.scoring.mainMetric,
      metrics: all,
      perClass,
      ...colours === undefined ? {} : { colours },
    },
    predictions,
    curves: await readCurves(inputs.model),
    pictures: snapshots.map((snapshot) => ({ ...snapshot, ...evaluator.marks(snapshot.index) })),
  };
}

/** Squared error of each image, over the batch's padding or without it. */
export async function pictureErrors(
  shown: tf.Tensor4D,
  originals: tf.Tensor4D,
  { sizes }: Pick<ImageBatch, "sizes">,
  { border, padding }: { border: number; padding: boolean },
): Promise<number[]> {
  const errors = tf.tidy(() => {
    const eightBit = quantize(shown);
    if (padding) return [squaredErrors(eightBit, originals, border)];
    return sizes.map(([h, w], i) => {
      const [a, b] = [eightBit, originals].map((x) =>
        tf.slice(x, [i, 0, 0, 0], [1, h, w, x.shape[3]])
      );
      return squaredErrors(a, b, border);
    });
  });
  const values = await Promise.all(errors.map((error) => error.data()));
  tf.dispose(errors);
  return values.flatMap((one) => [...one]);
}

/** [B, H, W, 3] → [B, h, w, 3]; all images of a batch have one size where padding is cut. */
function cutPadding(images: tf.Tensor4D, { sizes }: ImageBatch): tf.Tensor4D {
  const [B, H, W, C] = images.shape;
  const [h, w] = sizes[0];
  return h === H && w === W ? images : tf.slice(images, [0, 0, 0, 0], [B, h, w, C]);
}

async function loadSr(
  folder: string,
  { sr, scale }: ModelDescription,
  module: SrModule | undefined,
): Promise<Trainee<SrNet> | undefined> {
  if (sr === undefined) return undefined;
  if (module === undefined) {
    throw new TypeError(`Cannot evaluate: the model has an S; set sr_network to "${sr.network}"`);
  }
  const p = Params.create(0, (await readWeights(folder, "sr")).source);
  return trainee(module.build(p, { ...sr.options, scale }), p, () => sgd([]));
}
