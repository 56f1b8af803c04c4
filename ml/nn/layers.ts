/**
 * Layers: functions over named parameters. Weights are declared when a layer is made.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant, type Init, torchDefault } from "./init.ts";
import type { Layout } from "./layout.ts";
import { biasAdd } from "../tensor/ops/bias_add.ts";
import { withGradient } from "../tensor/ops/with_gradient.ts";
import type { Params } from "./params.ts";

/** [B, H, W, C] → [B, H', W', C']. */
export type Layer = (x: tf.Tensor4D) => tf.Tensor4D;

/** Options of {@link conv2d} and {@link depthwiseConv2d}. */
export interface ConvOptions {
  /** Default 1. */
  stride?: number;
  /** Default 1. */
  dilation?: number;
  /** Default true. */
  bias?: boolean;
  /** Default PyTorch's. */
  init?: Init;
  /** Default `init`. */
  biasInit?: Init;
  /** The up-scaling factor of the pixel shuffle that follows. */
  shuffle?: number;
  /** A fixed map of every output channel, folded into the filter and the bias. */
  affine?: ChannelAffine;
}

/** x·scale + shift per channel; made anew at each call, both [C]. */
export type ChannelAffine = () => { scale: tf.Tensor1D; shift: tf.Tensor1D };

/**
 * `torch.nn.Conv2d` with padding (k-1)/2·dilation, so that stride 1 keeps the size.
 *
 * Declares `weight` [out, in, k, k] and `bias` [out].
 */
export function conv2d(
  p: Params,
  inChannels: number,
  outChannels: number,
  k: number,
  options: ConvOptions = {},
): Layer {
  const { stride = 1, dilation = 1, bias = true, shuffle, affine } = options;
  const init = options.init ?? torchDefault(inChannels * k * k);
  const layout: Layout = shuffle === undefined ? "conv" : { shuffle };
  const weight = p.get("weight", { shape: [outChannels, inChannels, k, k], layout, init });
  const offset = bias
    ? p.get("bias", {
      shape: [outChannels],
      layout: shuffle === undefined ? "same" : { shuffle },
      init: options.biasInit ?? options.init ?? init,
    })
    : undefined;
  return (x) =>
    tf.tidy(() => {
      const { input, pad } = padLikeTorch(x, k, stride, dilation);
      let filter = weight as tf.Tensor as tf.Tensor4D;
      let shift: tf.Tensor | undefined = offset;
      if (affine !== undefined) {
        const map = affine();
        filter = tf.mul(filter, map.scale); // [k, k, in, out]
        shift = offset === undefined ? map.shift : tf.add(tf.mul(offset, map.scale), map.shift);
      }
      const y = k === 1 && stride === 1 && outChannels <= NARROW
        ? asMatrixProduct(input, filter)
        : tf.conv2d(input, filter, stride, pad, "NHWC", dilation);
      return shift === undefined ? y : biasAdd(y, shift);
    });
}

/**
 * Up to this many results per cell a 1x1 convolution is computed as a matrix product: TensorFlow's
 * gradient kernels take ten times as long for the same (64 to 8 channels, 9216 cells: 6.5 ms
 * against 0.6 ms); for wide ones the convolution is faster.
 */
const NARROW = 64;

function asMatrixProduct(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const [B, H, W, C] = x.shape;
  const out = filter.shape[3];
  const cells: tf.Tensor2D = tf.reshape(x, [B * H * W, C]);
  return tf.reshape(tf.matMul(cells, tf.reshape(filter, [C, out])), [B, H, W, out]);
}

/**
 * A convolution with one filter per channel, without bias; padding as in {@link conv2d}.
 *
 * Declares `weight` [C, 1, k, k].
 */
export function depthwiseConv2d(
  p: Params,
  channels: number,
  k: number,
  { stride = 1, dilation = 1, init = torchDefault(k * k), affine }: ConvOptions = {},
): Layer {
  const weight = p.get("weight", { shape: [channels, 1, k, k], layout: "depthwise", init });
  return (x) =>
    tf.tidy(() => {
      const { input, pad } = padLikeTorch(x, k, stride, dilation);
      let filter = weight as tf.Tensor as tf.Tensor4D; // [k, k, C, 1]
      const map = affine?.();
      if (map !== undefined) filter = tf.mul(filter, tf.reshape(map.scale, [channels, 1]));
      const y = tf.depthwiseConv2d(input, filter, stride, pad, "NHWC", dilation);
      return map === undefined ? y : biasAdd(y, map.shift);
    });
}

/** Options of {@link linear}. */
export interface LinearOptions {
  /** Default PyTorch's. */
  init?: Init;
  /** Default `init`. */
  biasInit?: Init;
  /** The input is flattened maps of this many channels (see `Layout`). */
  flattenedChannels?: number;
}

/** `torch.nn.Linear` on [N, in]. Declares `weight` [out, in] and `bias` [out]. */
export function linear(
  p: Params,
  inFeatures: number,
  outFeatures: number,
  options: LinearOptions = {},
): (x: tf.Tensor2D) => tf.Tensor2D {
  const init = options.init ?? torchDefault(inFeatures);
  const layout: Layout = options.flattenedChannels === undefined
    ? "linear"
    : { flatten: { channels: options.flattenedChannels } };
  const weight = p.get("weight", { shape: [outFeatures, inFeatures], layout, init });
  const bias = p.get("bias", { shape: [outFeatures], init: options.biasInit ?? init });
  return (x) => tf.tidy(() => biasAdd(tf.matMul(x, weight as tf.Tensor as tf.Tensor2D), bias));
}

/**
 * Batch normalisation by fixed statistics: scale = w·rsqrt(var + eps), shift = b − mean·scale. Give
 * it to the convolution in front, which folds it in: the maps are then touched once less.
 *
 * Declares `weight`, `bias`, `running_mean`, `running_var`, all [C], all buffers.
 * Source: torchvision.ops.FrozenBatchNorm2d.
 */
export function frozenBatchNorm(p: Params, channels: number, eps = 1e-5): ChannelAffine {
  const shape = [channels];
  const weight = p.get("weight", { shape, init: constant(1), role: "buffer" });
  const bias = p.get("bias", { shape, init: constant(0), role: "buffer" });
  const mean = p.get("running_mean", { shape, init: constant(0), role: "buffer" });
  const variance = p.get("running_var", { shape, init: constant(1), role: "buffer" });
  return () => {
    const scale: tf.Tensor1D = tf.mul(weight, tf.rsqrt(tf.add(variance, eps)));
    return { scale, shift: tf.sub(bias, tf.mul(mean, scale)) };
  };
}

/** x·relu6(x + 3)/6. */
export function hardSwish<T extends tf.Tensor>(x: T): T {
  return withGradient(
    x,
    // In this order, as PyTorch does: another one rounds otherwise, and ReLUs behind it flip.
    (x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6),
    (x, dy) => {
      const slope = tf.add(tf.div(x, 3), 0.5);
      return tf.mul(dy, tf.where(tf.less(tf.abs(x), 3), slope, tf.clipByValue(x, 0, 1)));
    },
  );
}

/** relu6(x + 3)/6. */
export function hardSigmoid<T extends tf.Tensor>(x: T): T {
  return tf.div(tf.relu6(tf.add(x, 3)), 6);
}

/** TensorFlow's "same" pads like PyTorch only at stride 1; other strides are padded here. */
function padLikeTorch(
  x: tf.Tensor4D,
  k: number,
  stride: number,
  dilation: number,
): { input: tf.Tensor4D; pad: "same" | "valid" } {
  if (stride === 1 || k === 1) return { input: x, pad: k === 1 ? "valid" : "same" };
  const p = (k - 1) / 2 * dilation;
  return { input: tf.pad(x, [[0, 0], [p, p], [p, p], [0, 0]]), pad: "valid" };
}
