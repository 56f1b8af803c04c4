/**
 * SwinIR: groups of transformer blocks with shifted windows, then sub-pixel up-sampling.
 *
 * Liang et al., "SwinIR: Image Restoration Using Swin Transformer", ICCV Workshops 2021. By default
 * the network for classical super-resolution: 11,900,199 parameters at x4, named as in the authors'
 * release.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { SrNet } from "../../ml/nn/contracts.ts";
import { layerNorm } from "../../ml/nn/layer_norm.ts";
import { conv2d } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { addMaps } from "../../ml/tensor/ops/add_maps.ts";
import { biasAdd } from "../../ml/tensor/ops/bias_add.ts";
import { recomputed } from "../../ml/tensor/ops/recomputed.ts";
import { pixelShuffle } from "../../ml/tensor/ops/pixel_shuffle.ts";
import { type Block, swinBlock } from "./parts/swin_block.ts";
import { padToWindows, windowGrid } from "./parts/windows.ts";

/** What a network is built with. */
export const options = z.strictObject({
  scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
  embed: z.int().positive().default(180).describe("Channels of every inner map"),
  depths: z.array(z.int().positive()).min(1).default([6, 6, 6, 6, 6, 6])
    .describe("Transformer blocks of each group"),
  heads: z.array(z.int().positive()).default([6, 6, 6, 6, 6, 6])
    .describe("Attention heads of each group, which share embed evenly"),
  window: z.int().min(2).default(8).describe("Side of a window, cells"),
  mlp_ratio: z.number().positive().default(2)
    .describe("Channels inside a block's perceptron, in multiples of embed"),
  mean: z.array(z.number()).length(3).default([0.4488, 0.4371, 0.4040])
    .describe("Colour that is subtracted first and added last, RGB in [0, 1]"),
  drop_path: z.number().min(0).lt(1).default(0.1)
    .describe("Share of images for which training drops a branch of the last block; before: less"),
  image_size: z.int().positive().default(48)
    .describe("Side of the maps that the masks in weights files are for, cells"),
}).refine(({ depths, heads }) => depths.length === heads.length, {
  path: ["heads"],
  message: "a list of as many numbers as depths has",
}).refine(({ embed, heads }) => heads.every((n) => embed % n === 0), {
  path: ["heads"],
  message: "a list of divisors of embed",
}).refine(({ image_size, window }) => image_size > window && image_size % window === 0, {
  path: ["image_size"],
  message: "a multiple of window, at least twice as large",
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/**
 * The maps inside, by the names of the layers that end in them: `conv_first`, `layers.<i>` of each
 * group, and `conv_after_body` before the first map is added, all [B, H, W, embed] with h and w
 * rounded up to multiples of the window; `output` [B, h·scale, w·scale, 3].
 */
export type Maps = Record<string, tf.Tensor4D>;

/** Channels in front of each of the up-sampler's convolutions. */
const UP_CHANNELS = 64;

/**
 * Declares the network.
 *
 * @returns a network from [B, h, w, 3] in [0, 1] to [B, h·scale, w·scale, 3]
 */
export function build(p: Params, options: Options): SrNet {
  const maps = buildMaps(p, options);
  const net: SrNet = (lr, drops) => tf.tidy(() => maps(lr, drops).output);
  const keepRates = dropRates(options).filter((rate) => rate > 0).map((rate) => 1 - rate);
  return keepRates.length === 0 ? net : Object.assign(net, { keepRates });
}

/** As {@link build}, but gives the inner maps too; all belong to the caller. */
export function buildMaps(
  p: Params,
  options: Options,
): (lr: tf.Tensor4D, drops?: tf.Tensor2D) => Maps {
  const { scale, embed: C, depths, window, mean } = options;
  const first = conv2d(p.at("conv_first"), 3, C, 3);
  const firstNorm = layerNorm(p.at("patch_embed.norm"), C);
  const groups = declareGroups(p.at("layers"), options);
  const lastNorm = layerNorm(p.at("norm"), C);
  const afterBody = conv2d(p.at("conv_after_body"), C, C, 3);
  const beforeUpsample = conv2d(p.at("conv_before_upsample.0"), C, UP_CHANNELS, 3);
  const upsample = Array.from(
    { length: Math.log2(scale) },
    (_, i) => conv2d(p.at(`upsample.${2 * i}`), UP_CHANNELS, 4 * UP_CHANNELS, 3, { shuffle: 2 }),
  );
  const last = conv2d(p.at("conv_last"), UP_CHANNELS, 3, 3);
  const rates = dropRates(options);

  return (lr, drops) => {
    const [B, h, w] = lr.shape;
    const addMean = (x: tf.Tensor4D, times: number) =>
      biasAdd(x, tf.tensor1d(mean.map((m) => times * m)));
    const rows = drops === undefined ? [] : tf.unstack(tf.reshape(drops, [-1, B, 1, 1, 1]));
    const keep = rates.map((rate) => rate > 0 ? rows.shift() as tf.Tensor4D : undefined);

    const x = first(addMean(padToWindows(lr, window), -1)); // [B, H, W, C]
    const maps: Maps = { conv_first: x };
    let y = firstNorm(x);
    groups.forEach((group, i) => {
      maps[`layers.${i}`] = y = group(y, keep.splice(0, 2 * depths[i])); // [B, H, W, C]
    });
    y = maps.conv_after_body = afterBody(lastNorm(y));
    y = tf.leakyRelu(beforeUpsample(addMaps(y, x)), 0.01); // [B, H, W, 64]
    for (const conv of upsample) y = pixelShuffle(conv(y), 2); // H and W double each time
    const output = addMean(last(y), 1); // [B, H·scale, W·scale, 3], not clamped
    return { ...maps, output: tf.slice(output, 0, [B, h * scale, w * scale, 3]) };
  };
}

/** Groups of blocks, every second one with shifted windows; a convolution; the group's input. */
function declareGroups(
  p: Params,
  { embed: C, depths, heads, window, mlp_ratio, image_size: imageSize }: Options,
): Block[] {
  const grids = [windowGrid(window, 0), windowGrid(window, Math.floor(window / 2))];
  const hidden = Math.floor(C * mlp_ratio);
  return depths.map((depth, i) => {
    const blocks = Array.from(
      { length: depth },
      (_, j) =>
        sparingMemory(p, () =>
          swinBlock(p.at(`${i}.residual_group.blocks.${j}`), {
            channels: C,
            heads: heads[i],
            grid: grids[j % 2],
            hidden,
            imageSize,
          })),
    );
    const conv = conv2d(p.at(`${i}.conv`), C, C, 3);
    return (x, keep) => {
      const y = blocks.reduce((y, block, j) => block(y, keep.slice(2 * j, 2 * j + 2)), x);
      return addMaps(conv(y), x);
    };
  });
}

/**
 * Cells of a batch above which a block's inner maps are made again for the gradient. Keeping them takes
 * 0.46 MB a cell: sixteen photographs of 512x384 at a quarter of that would need 90 GB.
 */
const LARGE_BATCH = 20_000;

function sparingMemory(p: Params, make: () => Block): Block {
  const [block, trained] = p.trainedBy(make);
  return (x, keep) => {
    const [B, H, W] = x.shape;
    if (B * H * W <= LARGE_BATCH) return block(x, keep);
    const kept = keep.filter((one) => one !== undefined);
    // A block is either dropped in both of its branches or in none.
    return recomputed((x, constants) => block(x, constants as tf.Tensor4D[]), x, trained, kept);
  };
}

/** How often training drops each branch, two of each block: from 0 in the first to `drop_path`. */
function dropRates({ depths, drop_path }: Options): number[] {
  const blocks = depths.reduce((a, b) => a + b);
  const rates = Array.from({ length: blocks }, (_, i) => drop_path * i / Math.max(1, blocks - 1));
  return rates.flatMap((rate) => [rate, rate]);
}
