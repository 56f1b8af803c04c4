/**
 * Batch normalisation that learns and keeps running statistics.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
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

  const apply = (x: tf.Tensor4D, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor4D => {
    const scale = tf.mul(weight, tf.rsqrt(tf.add(variance, eps))); // [C]
    return tf.add(tf.mul(x, scale), tf.sub(bias, tf.mul(mean, scale)));
  };

  return (x, mode) => {
    if (mode === "eval") return apply(x, runningMean, runningVar);
    const values = x.size / channels;
    if (values < 2) {
      throw new RangeError(
        `Cannot normalise [${x.shape}] by its own statistics: one value per channel`,
      );
    }
    const mean = tf.mean(x, [0, 1, 2]); // [C]
    const variance = tf.mean(tf.square(tf.sub(x, mean)), [0, 1, 2]);
    tf.tidy(() => {
      const move = (running: tf.Variable, batch: tf.Tensor) =>
        running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum)));
      move(runningMean, mean);
      move(runningVar, tf.mul(variance, values / (values - 1)));
      batches.assign(tf.add(batches, 1));
    });
    return apply(x, mean, variance);
  };
}
