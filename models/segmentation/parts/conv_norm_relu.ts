/**
 * What segmentation heads are made of: convolution, batch normalisation, ReLU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { batchNorm, type ModalLayer } from "../../../ml/nn/batch_norm.ts";
import { conv2d } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";

/** A convolution's shape. */
export interface ConvShape {
  in: number;
  out: number;
  /** Side of the filter. */
  k: number;
  /** Default 1. */
  dilation?: number;
}

/** A convolution without bias at `conv`, its normalisation at `norm`; the size stays. */
export function convNormRelu(
  conv: Params,
  norm: Params,
  { in: inChannels, out, k, dilation = 1 }: ConvShape,
): ModalLayer {
  const convolve = conv2d(conv, inChannels, out, k, { dilation, bias: false });
  const normalise = batchNorm(norm, out);
  return (x, mode) => tf.tidy(() => tf.relu(normalise(convolve(x), mode)));
}
