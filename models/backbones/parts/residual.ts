/**
 * Residual blocks: two or three convolutions, to whose result their input is added.
 *
 * He et al., "Deep Residual Learning for Image Recognition", CVPR 2016; parameters named as in
 * torchvision, whose bottleneck strides in its middle convolution.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, type ModalLayer, type Mode } from "../../../ml/nn/batch_norm.ts";
import { kaimingNormalFanOut } from "../../../ml/nn/init.ts";
import { conv2d } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";
import { addMaps } from "../../../ml/tensor/ops/add_maps.ts";

/** What a block makes of a map. */
export type BlockMaps = {
  /** The sum of the convolutions' result and the input. */
  sum: tf.Tensor4D;
  /** The same, rectified. */
  output: tf.Tensor4D;
};

/** [B, H, W, in] → two maps [B, H/stride, W/stride, out]. */
export type Block = (x: tf.Tensor4D, mode: Mode) => BlockMaps;

/** Size of a block. */
export interface BlockOptions {
  /** Channels that come in. */
  in: number;
  /** Channels of the 3x3 convolutions. */
  channels: number;
  stride: number;
}

/** Two 3x3 convolutions; `channels` come out. */
export function basicBlock(p: Params, { in: C, channels, stride }: BlockOptions): Block {
  return residualBlock(p, C, [
    { k: 3, out: channels, stride },
    { k: 3, out: channels, stride: 1 },
  ]);
}

/** How many times `channels` come out of a {@link bottleneck}. */
export const EXPANSION = 4;

/** A 3x3 convolution on few channels between 1x1 ones; 4·`channels` come out. */
export function bottleneck(p: Params, { in: C, channels, stride }: BlockOptions): Block {
  return residualBlock(p, C, [
    { k: 1, out: channels, stride: 1 },
    { k: 3, out: channels, stride },
    { k: 1, out: EXPANSION * channels, stride: 1 },
  ]);
}

/** A convolution of k·k cells. */
interface Row {
  k: number;
  out: number;
  stride: number;
}

/**
 * A convolution without bias, normalised by what it learns of the batches.
 *
 * @param conv where its `weight` is declared
 * @param norm where the normalisation is declared
 */
export function convNorm(conv: Params, norm: Params, C: number, row: Row): ModalLayer {
  const { k, out, stride } = row;
  const convolve = conv2d(conv, C, out, k, { stride, bias: false, init: kaimingNormalFanOut });
  const normalise = batchNorm(norm, out);
  return (x, mode) => normalise(convolve(x), mode);
}

/** Declares `conv<i>` and `bn<i>` from 1, and `downsample.{0,1}` where the shape changes. */
function residualBlock(p: Params, inChannels: number, rows: readonly Row[]): Block {
  const layers: ModalLayer[] = [];
  let C = inChannels;
  for (const [i, row] of rows.entries()) {
    layers.push(convNorm(p.at(`conv${i + 1}`), p.at(`bn${i + 1}`), C, row));
    C = row.out;
  }
  const [first, ...rest] = layers;
  const stride = Math.max(...rows.map(({ stride }) => stride));
  const shortcut: ModalLayer = stride === 1 && C === inChannels
    ? (x) => x
    : convNorm(p.at("downsample.0"), p.at("downsample.1"), inChannels, { k: 1, out: C, stride });
  return (x, mode) => {
    const y = rest.reduce((y, layer) => layer(tf.relu(y), mode), first(x, mode));
    const sum = addMaps(y, shortcut(x, mode));
    return { sum, output: tf.relu(sum) };
  };
}
