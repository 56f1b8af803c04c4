/**
 * LPIPS: how different two pictures look, by the features of a network that knows photographs.
 *
 * Zhang, Isola, Efros, Shechtman and Wang, "The Unreasonable Effectiveness of Deep Features as a
 * Perceptual Metric", CVPR 2018; version 0.1 of the authors' package `lpips`, function `LPIPS`. The
 * trunks are torchvision's `vgg16` (14,714,688 parameters) and `alexnet` (2,469,696), by their
 * names; the linear layers (1,472 and 1,152) have the names of the authors' `weights/v0.1`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { torchDefault } from "../../ml/nn/init.ts";
import { conv2d, type Layer } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { maxPool } from "../../ml/nn/pooling.ts";
import { biasAdd } from "../../ml/tensor/ops/bias_add.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";

/** What it is built with. */
export const options = z.strictObject({
  trunk: z.enum(["vgg", "alex"]).default("vgg")
    .describe("vgg: VGG-16, as the paper of SR4IR reports; alex: AlexNet, the package's default"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** Compares pictures. */
export interface Lpips {
  /**
   * Distance of each pair: 0 for equal pictures; 0.1 is close, 0.7 far.
   *
   * @param a [B, H, W, 3] in [0, 1]; quantise it first if it is to count as an 8-bit picture
   * @param b [B, H, W, 3]
   * @returns [B]
   * @throws {RangeError} if a side is shorter than 32 pixels
   */
  (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D;
  /** The part of the distance that each of the five maps gives, [B]; they sum to it. */
  parts(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D[];
  /** The five maps of a picture, [B, h, w, C] each. */
  maps(x: tf.Tensor4D): tf.Tensor4D[];
}

/** Of colours in [-1, 1], as the package has them. */
const SHIFT = [-0.030, -0.088, -0.188], SCALE = [0.458, 0.448, 0.450];

/** Shorter sides leave AlexNet's last poolings nothing. */
const SHORTEST = 32;

/** Keeps directions of length 0 from becoming infinite. */
const EPSILON = 1e-10;

/** Declares the trunk and the linear layers. */
export function build(p: Params, { trunk }: Options): Lpips {
  const { stages, channels } = trunk === "vgg" ? vgg(p) : alexNet(p);
  const weights = channels.map((C, i) =>
    p.at(`lin${i}.model.1`).get("weight", { shape: [1, C, 1, 1], init: torchDefault(C) })
  );
  const maps = (x: tf.Tensor4D): tf.Tensor4D[] => {
    const [, H, W] = x.shape;
    if (Math.min(H, W) < SHORTEST) {
      throw new RangeError(
        `Cannot compare pictures of ${W}x${H}: expected ${SHORTEST} pixels each way or more`,
      );
    }
    return tf.tidy(() => {
      let map = normalize(tf.sub(tf.mul(x, 2), 1), SHIFT, SCALE);
      return stages.map((stage) => map = stage(map));
    });
  };
  const parts = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D[] =>
    tf.tidy(() => {
      const [ours, theirs] = [maps(a), maps(b)];
      return weights.map((weight, i) => {
        const C = channels[i];
        const difference = tf.squaredDifference(direction(ours[i]), direction(theirs[i]));
        const [B, h, w] = difference.shape;
        const cells = tf.reshape(difference, [B * h * w, C]);
        const weighted = tf.matMul(cells, tf.reshape(weight, [C, 1])); // [B·h·w, 1]
        return tf.mean<tf.Tensor1D>(tf.reshape(weighted, [B, h * w]), 1);
      });
    });
  return Object.assign(
    (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor1D => tf.tidy(() => tf.addN(parts(a, b))),
    { parts, maps },
  );
}

/** Channels divided by their length, [B, h, w, C]. */
function direction(x: tf.Tensor4D): tf.Tensor4D {
  const length = tf.sqrt(tf.sum(tf.square(x), 3, true)); // [B, h, w, 1]
  return tf.div(x, tf.add(length, EPSILON));
}

/** What leads from each compared map to the next, and how many channels each has. */
interface Trunk {
  stages: Layer[];
  channels: number[];
}

/** relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3 of VGG-16. */
function vgg(p: Params): Trunk {
  const channels = [64, 128, 256, 512, 512];
  const counts = [2, 2, 3, 3, 3];
  let index = 0, C = 3;
  const stages = counts.map((count, stage) => {
    const layers: Layer[] = stage === 0 ? [] : [maxPool(2, 2)];
    index += layers.length;
    for (let i = 0; i < count; i++, index += 2) {
      layers.push(rectified(conv2d(p.at(`features.${index}`), C, channels[stage], 3)));
      C = channels[stage];
    }
    return inARow(layers);
  });
  return { stages, channels };
}

/** The five rectified convolutions of AlexNet. */
function alexNet(p: Params): Trunk {
  const conv = (index: number, from: number, to: number, k: number) =>
    rectified(conv2d(p.at(`features.${index}`), from, to, k));
  const pool = maxPool(3, 2);
  return {
    stages: [
      rectified(firstOfAlexNet(p.at("features.0"))),
      inARow([pool, conv(3, 64, 192, 5)]),
      inARow([pool, conv(6, 192, 384, 3)]),
      conv(8, 384, 256, 3),
      conv(10, 256, 256, 3),
    ],
    channels: [64, 192, 384, 256, 256],
  };
}

/** 11x11 cells at stride 4 behind a border of 2, not of the 5 that `conv2d()` would take. */
function firstOfAlexNet(p: Params): Layer {
  const init = torchDefault(3 * 11 * 11);
  const weight = p.get("weight", { shape: [64, 3, 11, 11], layout: "conv", init });
  const bias = p.get("bias", { shape: [64], init });
  return (x) => {
    const padded = tf.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]]);
    return biasAdd(tf.conv2d(padded, weight as tf.Tensor as tf.Tensor4D, 4, "valid"), bias);
  };
}

function rectified(layer: Layer): Layer {
  return (x) => tf.relu(layer(x));
}

function inARow(layers: readonly Layer[]): Layer {
  return (x) => layers.reduce((y, layer) => tf.tidy(() => layer(y)), x);
}
