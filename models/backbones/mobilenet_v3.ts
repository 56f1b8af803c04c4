/**
 * MobileNetV3-Large: the body that detectors and segmenters stand on, and ImageNet's classifier.
 *
 * Howard et al., "Searching for MobileNetV3", ICCV 2019; parameters named as in torchvision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, type BatchNormOptions, type Mode } from "../../ml/nn/batch_norm.ts";
import { constant, kaimingNormalFanOut, normal } from "../../ml/nn/init.ts";
import {
  conv2d,
  type ConvOptions,
  depthwiseConv2d,
  frozenBatchNorm,
  hardSigmoid,
  hardSwish,
  type Layer,
  linear,
} from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { addMaps } from "../../ml/tensor/ops/add_maps.ts";
import { recomputed } from "../../ml/tensor/ops/recomputed.ts";

type Activation = "RE" | "HS";

/** One inverted residual block: a row of the paper's table 1. */
interface Row {
  k: number;
  in: number;
  expanded: number;
  out: number;
  squeeze: boolean;
  activation: Activation;
  stride: number;
}

/** `features.1` to `features.15`. */
const ROWS: readonly Row[] = [
  row(3, 16, 16, 16, false, "RE", 1),
  row(3, 16, 64, 24, false, "RE", 2), // C1
  row(3, 24, 72, 24, false, "RE", 1),
  row(5, 24, 72, 40, true, "RE", 2), // C2
  row(5, 40, 120, 40, true, "RE", 1),
  row(5, 40, 120, 40, true, "RE", 1),
  row(3, 40, 240, 80, false, "HS", 2), // C3
  row(3, 80, 200, 80, false, "HS", 1),
  row(3, 80, 184, 80, false, "HS", 1),
  row(3, 80, 184, 80, false, "HS", 1),
  row(3, 80, 480, 112, true, "HS", 1),
  row(3, 112, 672, 112, true, "HS", 1),
  row(5, 112, 672, 160, true, "HS", 2), // C4
  row(5, 160, 960, 160, true, "HS", 1),
  row(5, 160, 960, 160, true, "HS", 1),
];

/** Where the last stage begins; a dilated body keeps the size from here on. */
const LAST_STAGE = 13;

/** Channels of `features.<index>`, for what is built on them. */
export const CHANNELS: readonly number[] = [16, ...ROWS.map((row) => row.out), 960];

/** What a body is built with. */
export interface BodyOptions {
  /** `frozen`: fixed statistics; else they learn. */
  norm: { frozen: { eps: number } } | BatchNormOptions;
  /** Dilate the last stage by 2 instead of halving its size: output stride 16 instead of 32. */
  dilated?: boolean;
  /** The first so many of the 17 parts are not trained. Default 0. */
  frozenParts?: number;
}

/** torchvision's normalisation in the body, where it learns. */
export const NORM: BatchNormOptions = { eps: 1e-3, momentum: 0.01 };

/**
 * What of a large batch is kept for the gradient: `all`; or only each part's input, from which the
 * part is run again. Then gradients reach the input, with `trained` also what is trained.
 */
export type Memory = "all" | "input" | "trained";

/**
 * [B, H, W, 3] normalised → the outputs of the 17 parts.
 *
 * @param memory default `all`; others only where the statistics are frozen, as running a part again
 *   would move them again
 */
export type Body = (x: tf.Tensor4D, mode: Mode, memory?: Memory) => tf.Tensor4D[];

/** Declares `0` to `16`. @param p at `features`, `backbone` or `backbone.body` */
export function mobileNetV3Body(p: Params, options: BodyOptions): Body {
  const { norm, dilated = false, frozenParts = 0 } = options;
  const at = (index: number) => index < frozenParts ? p.at(index).frozen() : p.at(index);
  const parts = [
    p.trainedBy(() => convNorm(at(0), 3, 16, 3, { stride: 2 }, norm, "HS")),
    ...ROWS.map((row, i) => {
      const index = i + 1;
      const keepsSize = dilated && index >= LAST_STAGE;
      const stride = keepsSize ? 1 : row.stride;
      const dilation = keepsSize ? 2 : 1;
      return p.trainedBy(() => block(at(index).at("block"), { ...row, stride }, dilation, norm));
    }),
    p.trainedBy(() => convNorm(at(16), 160, 960, 1, {}, norm, "HS")),
  ];
  return (x, mode, memory = "all") => {
    const outputs: tf.Tensor4D[] = [];
    for (const [part, trained] of parts) {
      x = memory === "all"
        ? tf.tidy(() => part(x, mode))
        : recomputed((x) => part(x, mode), x, memory === "trained" ? trained : []);
      outputs.push(x);
    }
    return outputs;
  };
}

/**
 * ImageNet's classifier on the body: [B, H, W, 3] → logits [B, classes]. Dropout is left out.
 *
 * Declares `features` and `classifier.{0,3}`.
 */
export function mobileNetV3Classifier(
  p: Params,
  options: BodyOptions & { classes: number },
): (x: tf.Tensor4D, mode: Mode) => tf.Tensor2D {
  const body = mobileNetV3Body(p.at("features"), options);
  const init = { init: normal(0.01), biasInit: constant(0) };
  const hidden = linear(p.at("classifier.0"), 960, 1280, init);
  const last = linear(p.at("classifier.3"), 1280, options.classes, init);
  return (x, mode) => {
    const maps = body(x, mode);
    const mean: tf.Tensor2D = tf.mean(maps[maps.length - 1], [1, 2]); // [B, 960]
    return last(hardSwish(hidden(mean)));
  };
}

type Part = (x: tf.Tensor4D, mode: Mode) => tf.Tensor4D;

function block(p: Params, row: Row, dilation: number, norm: BodyOptions["norm"]): Part {
  const { k, expanded: E, activation, stride } = row;
  const layers: Part[] = [];
  if (E !== row.in) {
    layers.push(convNorm(p.at(layers.length), row.in, E, 1, {}, norm, activation));
  }
  const depthwise = { stride, dilation, depthwise: true };
  layers.push(convNorm(p.at(layers.length), E, E, k, depthwise, norm, activation));
  if (row.squeeze) layers.push(squeezeExcitation(p.at(layers.length), E));
  layers.push(convNorm(p.at(layers.length), E, row.out, 1, {}, norm));
  const identity = stride === 1 && row.in === row.out;
  return (x, mode) => {
    const y = layers.reduce((y, layer) => layer(y, mode), x);
    return identity ? addMaps(y, x) : y;
  };
}

/** Convolution `0` without bias, normalisation `1`, activation. */
function convNorm(
  p: Params,
  inChannels: number,
  outChannels: number,
  k: number,
  { depthwise = false, ...rest }: ConvOptions & { depthwise?: boolean },
  norm: BodyOptions["norm"],
  activation?: Activation,
): Part {
  const activate = activation === undefined
    ? (x: tf.Tensor4D) => x
    : activation === "RE"
    ? (x: tf.Tensor4D) => tf.relu(x)
    : hardSwish;
  const options: ConvOptions = { ...rest, bias: false, init: kaimingNormalFanOut };
  const make = (options: ConvOptions): Layer =>
    depthwise
      ? depthwiseConv2d(p.at(0), inChannels, k, options)
      : conv2d(p.at(0), inChannels, outChannels, k, options);
  if ("frozen" in norm) {
    const affine = frozenBatchNorm(p.at(1), outChannels, norm.frozen.eps);
    const conv = make({ ...options, affine });
    return (x) => activate(conv(x));
  }
  const conv = make(options);
  const normalise = batchNorm(p.at(1), outChannels, norm);
  return (x, mode) => activate(normalise(conv(x), mode));
}

/** Weighs channels by what all of the map says: `fc1`, `fc2`. */
function squeezeExcitation(p: Params, C: number): Part {
  const squeezed = makeDivisible(C / 4);
  const init = { init: kaimingNormalFanOut, biasInit: constant(0) };
  const fc1 = conv2d(p.at("fc1"), C, squeezed, 1, init);
  const fc2 = conv2d(p.at("fc2"), squeezed, C, 1, init);
  return (x) => {
    const mean: tf.Tensor4D = tf.mean(x, [1, 2], true); // [B, 1, 1, C]
    return tf.mul(x, hardSigmoid(fc2(tf.relu(fc1(mean)))));
  };
}

/** The nearest multiple of 8 that is not less than 90 % of the value. */
function makeDivisible(value: number): number {
  const rounded = Math.max(8, Math.floor(value / 8 + 0.5) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}

function row(
  k: number,
  inChannels: number,
  expanded: number,
  out: number,
  squeeze: boolean,
  activation: Activation,
  stride: number,
): Row {
  return { k, in: inChannels, expanded, out, squeeze, activation, stride };
}
