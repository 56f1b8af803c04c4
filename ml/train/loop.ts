/**
 * Iterations: batches, learning rates, progress, checkpoints. The same for every task and setting.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch, Place } from "../data/batches.ts";
import { restoreCheckpoint, saveCheckpoint, type Saved } from "./checkpoint.ts";
import { addToCurves, type Curves, readCurves, writeCurves } from "./curves.ts";
import type { Schedule } from "./schedules.ts";
import type { Losses } from "./trainee.ts";

/** Where a long training reports; a stage's reporter fits. */
export interface TrainingReport {
  progress(done: number, total: number, unit: string, metrics?: Record<string, number>): void;
  point(name: string, step: number, value: number): void;
  log(line: string): void;
}

/** What a training consists of. */
export interface Training<B extends ImageBatch> {
  /** Total, over all epochs. */
  iterations: number;
  /** Batches from an iteration on. */
  batches(start: number): AsyncIterable<B & Place>;
  /** The networks that move, by name, with the learning rate of each group of parameters. */
  networks: Record<string, Saved & { schedules: readonly Schedule[] }>;
  /** One iteration; `numbers` are the optimizers' by network name. */
  step(batch: B & Place, numbers: Record<string, tf.Tensor1D>): Losses;
  /** Folder for checkpoints. */
  scratch: string;
  /** Seconds from one checkpoint to the next; more where saving is slow (see {@link SAVING}). */
  checkpointSeconds: number;
  report: TrainingReport;
  /** Stops the training after the iteration at hand, with a checkpoint. */
  signal: AbortSignal;
}

/** A training that was asked to stop. Its checkpoint lies in scratch. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Points of a loss curve, at most. */
const CURVE_POINTS = 200;
/** Losses are read back, which waits for the device, this often. */
const SHOWN_EVERY = 5;
/**
 * Saving takes at most this share of the time: a checkpoint of the light networks takes some
 * hundredths of a second, one of the paper's a second or more.
 */
const SAVING = 0.01;

/**
 * Runs a training to its end, from a checkpoint if there is one.
 *
 * @returns the losses' curves, from the first iteration on
 * @throws {Interrupted} if `signal` was raised; what was done is saved
 */
export async function runTraining<B extends ImageBatch>(training: Training<B>): Promise<Curves> {
  const { iterations, networks, report, scratch, checkpointSeconds, signal } = training;
  const start = await restoreCheckpoint(scratch, networks);
  if (start > 0) report.log(`goes on after iteration ${start} of ${iterations}`);
  const curves = start > 0 ? await readCurves(scratch, start) : {};
  if (start >= iterations) return curves;
  const curveEvery = Math.max(1, Math.floor(iterations / CURVE_POINTS));
  let saveAt = performance.now() + 1000 * checkpointSeconds;

  for await (const batch of training.batches(start)) {
    const numbers = mapValues(
      networks,
      ({ optimizer, schedules }) => {
        const rates = schedules.map((schedule) => schedule(batch.iteration));
        return tf.tensor1d(optimizer.numbers(batch.iteration + 1, rates));
      },
    );
    const losses = training.step(batch, numbers);
    tf.dispose([batch.images, numbers]);

    const done = batch.iteration + 1;
    const curve = done % curveEvery === 0 || done === iterations;
    if (curve || done % SHOWN_EVERY === 0) {
      const values = await readLosses(losses, done);
      report.progress(done, iterations, "iterations", values);
      if (curve) {
        addToCurves(curves, done, values);
        for (const [name, value] of Object.entries(values)) report.point(name, done, value);
      }
    }
    tf.dispose(losses);
    if (done === iterations) return curves;
    if (signal.aborted || performance.now() > saveAt) {
      const begun = performance.now();
      // First, so that no checkpoint is ahead of its curves.
      await writeCurves(scratch, curves);
      await saveCheckpoint(scratch, done, networks);
      const saved = performance.now();
      saveAt = saved + Math.max(1000 * checkpointSeconds, (saved - begun) / SAVING);
    }
    if (signal.aborted) throw new Interrupted(`stopped after iteration ${done} of ${iterations}`);
  }
  return curves;
}

async function readLosses(losses: Losses, iteration: number): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const [name, loss] of Object.entries(losses)) {
    values[name] = (await loss.data())[0];
    if (!Number.isFinite(values[name])) {
      throw new Error(
        `Cannot go on: the loss "${name}" is ${values[name]} at iteration ${iteration}; ` +
          "a lower learning rate may help",
      );
    }
  }
  return values;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
