/**
 * Batch normalisation that learns and keeps running statistics.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { biasAdd } from "../tensor/ops/bias_add.ts";
import { normalizeBatch } from "../tensor/ops/normalize_batch.ts";
import { constant } from "./init.ts";
import type { Params } from "./params.ts";

/** What a layer does: `train` uses the batch's statistics and moves the running ones. */
export type Mode = "train" | "eval";

/** A layer that works differently in training. */
export type ModalLayer = (x: tf.Tensor4D, mode: Mode) => tf.Tensor4D;

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Default 1e-5. */
  eps?: number;
  /** Share of the batch in the new running statistics. Default 0.1. */
  momentum?: number;
}

/**
 * `torch.nn.BatchNorm2d`: normalises by the biased variance of the batch, keeps a running mean of
 * the unbiased one.
 *
 * Declares `weight` and `bias` [C], and the buffers `running_mean`, `running_var` [C] and
 * `num_batches_tracked` [].
 *
 * @throws {RangeError} (when used) if a training batch has one value per channel
 */
export function batchNorm(
  p: Params,
  channels: number,
  { eps = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
): ModalLayer {
  const shape = [channels];
  const weight = p.get("weight", { shape, init: constant(1) });
  const bias = p.get("bias", { shape, init: constant(0) });
  const runningMean = p.get("running_mean", { shape, init: constant(0), role: "buffer" });
  const runningVar = p.get("running_var", { shape, init: constant(1), role: "buffer" });
  const batches = p.get("num_batches_tracked", {
    shape: [],
    init: constant(0),
    role: "buffer",
  });

  return (x, mode) => {
    if (mode === "eval") {
      const scale = tf.mul(weight, tf.rsqrt(tf.add(runningVar, eps))); // [C]
      return biasAdd(tf.mul(x, scale), tf.sub(bias, tf.mul(runningMean, scale)));
    }
    if (x.size / channels < 2) {
      throw new RangeError(
        `Cannot normalise [${x.shape}] by its own statistics: one value per channel`,
      );
    }
    return normalizeBatch(x, weight, bias, eps, (mean, variance) => {
      const move = (running: tf.Variable, batch: tf.Tensor) =>
        running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum)));
      move(runningMean, mean);
      move(runningVar, variance);
      batches.assign(tf.add(batches, 1));
    });
  };
}
