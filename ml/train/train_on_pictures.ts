/**
 * Trains S on pictures without labels: what the stages `train_sr` and `train_label_free` share.
 *
 * @module
 */
import type { ImageBatch } from "../data/batches.ts";
import { openPictures, type PictureSet } from "../data/picture_set.ts";
import type { SrNet } from "../nn/contracts.ts";
import type { Chance } from "../tasks/task.ts";
import { chanceOf } from "./chance.ts";
import type { Curves } from "./curves.ts";
import { runTraining, type TrainingReport } from "./loop.ts";
import type { PictureTraining } from "./picture_options.ts";
import { riseAndFall } from "./schedules.ts";
import type { Losses, Trainee } from "./trainee.ts";
import type * as tf from "@tensorflow/tfjs-core";

/** What the stage is handed, and where its pictures are. */
export interface PictureContext {
  params: PictureTraining;
  /** Folder of pictures. */
  images: string;
  scratch: string;
  checkpointSeconds: number;
  report: TrainingReport;
  signal: AbortSignal;
}

/** One iteration: moves S and says the losses. */
export type PictureStep = (
  batch: Pick<ImageBatch, "images" | "sizes">,
  numbers: tf.Tensor1D,
  chance: Chance,
) => Losses;

/**
 * Trains to the end, from a checkpoint if there is one.
 *
 * @param makeStep is told whether all batches have one shape
 * @returns the losses' curves
 */
export async function trainOnPictures(
  S: Trainee<SrNet>,
  { params, images, scratch, checkpointSeconds, report, signal }: PictureContext,
  makeStep: (pictures: Pick<PictureSet, "uniform">) => PictureStep,
): Promise<Curves> {
  const { seed, scale, batch_size: batchSize, period_epochs, lr_warm_up_epochs } = params;
  const pictures = await openPictures(images, {
    resize: params.resize,
    crop: params.crop,
    last: params.last_batch,
    turn: params.turn,
  }, params.repeat);
  const perEpoch = pictures.iterationsPerEpoch(batchSize);
  const inIterations = (epochs: number) => Math.round(epochs * perEpoch);
  const iterations = Math.max(1, inIterations(params.epochs));
  const schedule = riseAndFall({
    base: params.optimizer.lr,
    etaMin: params.optimizer.eta_min,
    rise: lr_warm_up_epochs === null
      ? params.lr_warm_up_iterations
      : inIterations(lr_warm_up_epochs),
    iterations,
    period: period_epochs === null ? undefined : inIterations(period_epochs),
  });
  const step = makeStep(pictures);
  report.log(
    `${pictures.images} images, ${iterations} iterations, ${S.params.trained().length} tensors`,
  );
  return await runTraining({
    iterations,
    batches: (start) => pictures.batches({ batchSize, seed, scale, start, flip: params.flip }),
    networks: { sr: { ...S, schedules: [schedule] } },
    step: (batch, { sr }) => step(batch, sr, chanceOf(seed, batch.iteration)),
    scratch,
    checkpointSeconds,
    report,
    signal,
  });
}
