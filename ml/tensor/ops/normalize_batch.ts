/**
 * Normalising maps by their own statistics.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { BATCH_NORM, BATCH_NORM_GRADIENT } from "../gradients/batch_norm.ts";
import { hasKernel } from "../gradients/raw_op.ts";
import { biasAdd } from "./bias_add.ts";

/**
 * (x - mean) / √(variance + eps) · weight + bias, with mean and biased variance of each channel.
 *
 * TensorFlow has it as one operation, in a third of the time (benchmarks/RESULTS.md).
 *
 * @param x [B, H, W, C]
 * @param weight [C]
 * @param bias [C]
 * @param seen is handed the mean and the unbiased variance, both [C]; they live until it returns
 * @returns [B, H, W, C]
 */
export function normalizeBatch(
  x: tf.Tensor4D,
  weight: tf.Tensor,
  bias: tf.Tensor,
  eps: number,
  seen: (mean: tf.Tensor, variance: tf.Tensor) => void,
): tf.Tensor4D {
  const normalise = hasKernel(BATCH_NORM) ? inOneOperation : normalizeBatchStepByStep;
  return normalise(x, weight, bias, eps, seen);
}

/** {@link normalizeBatch} out of operations that every backend has. */
export function normalizeBatchStepByStep(
  x: tf.Tensor4D,
  weight: tf.Tensor,
  bias: tf.Tensor,
  eps: number,
  seen: (mean: tf.Tensor, variance: tf.Tensor) => void,
): tf.Tensor4D {
  const values = x.size / x.shape[3];
  const mean = tf.mean(x, [0, 1, 2]); // [C]
  const variance = tf.mean(tf.square(tf.sub(x, mean)), [0, 1, 2]);
  tf.tidy(() => seen(mean, tf.mul(variance, values / (values - 1))));
  const scale = tf.mul(weight, tf.rsqrt(tf.add(variance, eps)));
  return biasAdd(tf.mul(x, scale), tf.sub(bias, tf.mul(mean, scale)));
}

const inOneOperation: typeof normalizeBatch = (x, weight, bias, eps, seen) => {
  const engine = tf.engine();
  const fused = tf.customGrad<tf.Tensor4D>((x, weight, bias, save) => {
    // tfjs types all arguments alike; the last one is the function that saves tensors.
    if (!(x instanceof tf.Tensor && weight instanceof tf.Tensor && bias instanceof tf.Tensor)) {
      throw new TypeError("unreachable");
    }
    if (typeof save !== "function") throw new TypeError("unreachable");
    const inputs = { x, weight, bias, empty: tf.tensor1d([]) };
    const [y, mean, variance, ...left] = engine.runKernel<tf.Tensor[]>(BATCH_NORM, inputs, { eps });
    seen(mean, variance);
    save([x, weight, ...left]);
    return {
      value: y as tf.Tensor4D,
      gradFunc(dy, [x, weight, left1, left2, left3]) {
        const inputs = { dy, x, weight, left1, left2, left3 };
        const all = engine.runKernel<tf.Tensor[]>(BATCH_NORM_GRADIENT, inputs, { eps });
        tf.dispose(all.slice(3));
        return all.slice(0, 3);
      },
    };
  });
  return fused(x, weight, bias);
};
