/**
 * Layer normalisation: every cell by its own mean and variance.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { biasAdd } from "../tensor/ops/bias_add.ts";
import { constant } from "./init.ts";
import type { Params } from "./params.ts";

/**
 * `torch.nn.LayerNorm` over the last axis, by the biased variance.
 *
 * Declares `weight` and `bias` [C].
 *
 * @returns a layer on [..., C]
 */
export function layerNorm(
  p: Params,
  channels: number,
  eps = 1e-5,
): <T extends tf.Tensor>(x: T) => T {
  const shape = [channels];
  const weight = p.get("weight", { shape, init: constant(1) });
  const bias = p.get("bias", { shape, init: constant(0) });
  return <T extends tf.Tensor>(x: T) =>
    tf.tidy(() => biasAdd<T>(tf.mul(standardized(x, eps), weight), bias));
}

/**
 * (x - mean)/√(variance + eps) over the last axis.
 *
 * With a gradient of its own: tfjs's would keep five tensors of x's size, this one keeps the result.
 */
function standardized<T extends tf.Tensor>(x: T, eps: number): T {
  const own = tf.customGrad<T>((x, save) => {
    // tfjs types both arguments alike; the last one is the function that saves tensors.
    if (!(x instanceof tf.Tensor) || typeof save !== "function") throw new TypeError("unreachable");
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), eps)); // [..., 1]
    const value: T = tf.mul(centred, scale);
    save([value, scale]);
    return { value, gradFunc: (dy, saved) => tf.tidy(() => gradient(dy, saved[0], saved[1])) };
  });
  return own(x);
}

/** scale·(dy - mean(dy) - y·mean(dy·y)): what moves mean or variance changes nothing. */
function gradient<T extends tf.Tensor>(dy: T, y: tf.Tensor, scale: tf.Tensor): T {
  const along = tf.mul(y, tf.mean(tf.mul(dy, y), -1, true));
  return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), along), scale);
}
