/**
 * EDSR: residual blocks without batch normalisation, then sub-pixel up-sampling.
 *
 * Lim et al., "Enhanced Deep Residual Networks for Single Image Super-Resolution", CVPRW 2017.
 * By default EDSR-baseline: 1,517,571 parameters at x4, named as in the authors' release. The other
 * options make a light network that does all its work at the low resolution.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { SrNet } from "../../ml/nn/contracts.ts";
import { constant, type Init, scaled, torchDefault } from "../../ml/nn/init.ts";
import { conv2d, type Layer } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { addMaps } from "../../ml/tensor/ops/add_maps.ts";
import { biasAdd } from "../../ml/tensor/ops/bias_add.ts";
import { pixelShuffle } from "../../ml/tensor/ops/pixel_shuffle.ts";

/** What a network is built with. */
export const options = z.strictObject({
  scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
  blocks: z.int().positive().default(16).describe("Residual blocks"),
  channels: z.int().positive().default(64).describe("Channels of every inner map"),
  upsampler: z.enum(["steps", "direct"]).default("steps")
    .describe(
      "steps: doubles the size repeatedly, as published; direct: one convolution, one shuffle",
    ),
  mean: z.array(z.number()).length(3).default([0.4488, 0.4371, 0.4040])
    .describe("Colour that is subtracted first and added last, RGB in [0, 1]"),
  range: z.number().positive().default(255).describe("Inner value of a brightness of 1"),
  residual_init: z.number().positive().default(1)
    .describe("Factor on the first random weights of each block's second convolution"),
  tail_init: z.number().positive().nullable().default(null)
    .describe("Factor on the last convolution's first random weights; its bias then starts at 0"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/**
 * The maps inside, by the names of the layers that end in them: `head` [B, h, w, C], `body.<i>` of
 * each block and `body` before the head's output is added, `tail.0` of the up-sampler [B, h·scale,
 * w·scale, C] (3 channels if direct), `output` [B, h·scale, w·scale, 3].
 */
export type Maps = Record<string, tf.Tensor4D>;

/**
 * Declares the network.
 *
 * @returns a network from [B, h, w, 3] in [0, 1] to [B, h·scale, w·scale, 3]
 */
export function build(p: Params, options: Options): SrNet {
  const maps = buildMaps(p, options);
  return (lr) => tf.tidy(() => maps(lr).output);
}

/** As {@link build}, but gives the inner maps too; all belong to the caller. */
export function buildMaps(p: Params, options: Options): (lr: tf.Tensor4D) => Maps {
  const { blocks, channels: C, mean, range, residual_init } = options;
  const subtract = meanShift(p.at("sub_mean"), mean.map((m) => -range * Math.fround(m)));
  const head = conv2d(p.at("head.0"), 3, C, 3);
  const body = Array.from(
    { length: blocks },
    (_, i) => residualBlock(p.at(`body.${i}.body`), C, residual_init),
  );
  const bodyEnd = conv2d(p.at(`body.${blocks}`), C, C, 3);
  const [upsample, tail] = upsampler(p, options);
  const add = meanShift(p.at("add_mean"), mean.map((m) => range * Math.fround(m)));

  return (lr) => {
    const x = head(subtract(tf.mul(lr, range))); // [B, h, w, C]
    const maps: Maps = { head: x };
    let y = x;
    body.forEach((block, i) => maps[`body.${i}`] = y = block(y)); // [B, h, w, C]
    y = bodyEnd(y);
    const up = upsample(addMaps(y, x)); // [B, H, W, C], or [B, H, W, 3] if direct
    const output = tf.div<tf.Tensor4D>(add(tail(up)), range); // [B, H, W, 3], not clamped
    return { ...maps, body: y, "tail.0": up, output };
  };
}

function residualBlock(p: Params, C: number, factor: number): Layer {
  const conv1 = conv2d(p.at(0), C, C, 3);
  const init = torchDefault(C * 9);
  const conv2 = conv2d(p.at(2), C, C, 3, { init: scaled(init, factor), biasInit: init });
  return (x) => addMaps(conv2(tf.relu(conv1(x))), x);
}

/** The up-sampler and what follows it. */
function upsampler(
  p: Params,
  { upsampler, scale, channels: C, tail_init }: Options,
): [Layer, Layer] {
  const init = lastInit(C, tail_init);
  if (upsampler === "direct") {
    const conv = conv2d(p.at("tail.0.0"), C, 3 * scale ** 2, 3, { shuffle: scale, ...init });
    return [(x) => pixelShuffle(conv(x), scale), (x) => x];
  }
  const convs = Array.from(
    { length: Math.log2(scale) },
    (_, i) => conv2d(p.at(`tail.0.${2 * i}`), C, 4 * C, 3, { shuffle: 2 }),
  );
  const tail = conv2d(p.at("tail.1"), C, 3, 3, init);
  return [(x) => convs.reduce((y, conv) => pixelShuffle(conv(y), 2), x), tail];
}

function lastInit(C: number, factor: number | null): { init?: Init; biasInit?: Init } {
  if (factor === null) return {};
  return { init: scaled(torchDefault(C * 9), factor), biasInit: constant(0) };
}

/**
 * The fixed colour shift. Checkpoints hold it as a 1x1 convolution that nobody trains; its weight is
 * the identity in all of them, so only the bias is used.
 */
function meanShift(p: Params, shift: number[]): Layer {
  p.get("weight", {
    shape: [3, 3, 1, 1],
    layout: "conv",
    init: () => Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    role: "buffer",
  });
  const bias = p.get("bias", {
    shape: [3],
    init: () => Float32Array.from(shift),
    role: "buffer",
  });
  return (x) => biasAdd(x, bias);
}
