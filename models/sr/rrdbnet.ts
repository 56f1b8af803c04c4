/**
 * RRDBNet: densely connected residual blocks inside residual blocks, then enlargement in two steps.
 *
 * Wang et al., "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks", ECCV Workshops
 * 2018. By default the generator of ESRGAN: 16,697,987 parameters at x4, named as in BasicSR's
 * release.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { SrNet } from "../../ml/nn/contracts.ts";
import { constant, normal } from "../../ml/nn/init.ts";
import { conv2d, type Layer } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { addMaps } from "../../ml/tensor/ops/add_maps.ts";
import { pixelShuffle } from "../../ml/tensor/ops/pixel_shuffle.ts";
import { padToWindows } from "./parts/windows.ts";

/** What a network is built with. */
export const options = z.strictObject({
  scale: z.literal([2, 4]).default(4).describe("Up-scaling factor"),
  blocks: z.int().positive().default(23).describe("Blocks of three dense blocks each"),
  channels: z.int().positive().default(64).describe("Channels of every inner map"),
  growth: z.int().positive().default(32).describe("Channels that each dense convolution adds"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** What a block's result is multiplied by before its input is added. */
const RESIDUAL_SCALE = 0.2;

/** Slope of all leaky ReLUs below 0. */
const SLOPE = 0.2;

/**
 * Declares the network.
 *
 * The network enlarges by 4. At x2 each square of four pixels becomes one cell of twelve channels
 * first; images with an odd side are mirrored by one pixel for that and cut afterwards.
 *
 * @returns a network from [B, h, w, 3] in [0, 1] to [B, h·scale, w·scale, 3]
 */
export function build(p: Params, { scale, blocks, channels: C, growth }: Options): SrNet {
  const shrink = 4 / scale;
  const first = conv2d(p.at("conv_first"), 3 * shrink ** 2, C, 3);
  const body = Array.from({ length: blocks }, (_, i) => denseBlocks(p.at(`body.${i}`), C, growth));
  const bodyEnd = conv2d(p.at("conv_body"), C, C, 3);
  const up1 = conv2d(p.at("conv_up1"), C, C, 3);
  const up2 = conv2d(p.at("conv_up2"), C, C, 3);
  const highRes = conv2d(p.at("conv_hr"), C, C, 3);
  const last = conv2d(p.at("conv_last"), C, 3, 3);

  return (lr) =>
    tf.tidy(() => {
      const [, h, w] = lr.shape;
      const x = first(pixelUnshuffle(padToWindows(lr, shrink), shrink)); // [B, h', w', C]
      let y = addMaps(bodyEnd(body.reduce((y, block) => block(y), x)), x);
      y = tf.leakyRelu(up1(twice(y)), SLOPE); // [B, 2h', 2w', C]
      y = tf.leakyRelu(up2(twice(y)), SLOPE); // [B, 4h', 4w', C]
      const output = last(tf.leakyRelu(highRes(y), SLOPE)); // not clamped
      return tf.slice(output, 0, [-1, h * scale, w * scale, 3]);
    });
}

/** Three dense blocks, whose result counts for a fifth. Declares `rdb1` … `rdb3`. */
function denseBlocks(p: Params, C: number, growth: number): Layer {
  const blocks = [1, 2, 3].map((i) => denseBlock(p.at(`rdb${i}`), C, growth));
  return (x) => scaledResidual(blocks.reduce((y, block) => block(y), x), x);
}

/** Five convolutions, each of which sees all maps before it. Declares `conv1` … `conv5`. */
function denseBlock(p: Params, C: number, growth: number): Layer {
  const convs = [0, 1, 2, 3, 4].map((i) => {
    const inChannels = C + i * growth;
    // Kaiming's normal, a tenth of it: deep residual networks start near the identity.
    const init = normal(0.1 * Math.sqrt(2 / (inChannels * 9)));
    return conv2d(p.at(`conv${i + 1}`), inChannels, i < 4 ? growth : C, 3, {
      init,
      biasInit: constant(0),
    });
  });
  const last = convs.pop() as Layer;
  return (x) =>
    tf.tidy(() => {
      const all = convs.reduce(
        (seen, conv) => tf.concat([seen, tf.leakyRelu(conv(seen), SLOPE)], 3),
        x,
      );
      return scaledResidual(last(all), x);
    });
}

function scaledResidual(y: tf.Tensor4D, x: tf.Tensor4D): tf.Tensor4D {
  return addMaps(tf.mul(y, RESIDUAL_SCALE), x);
}

/** Nearest neighbour: each cell becomes four; a shuffle of copies has a gradient on every backend. */
function twice(x: tf.Tensor4D): tf.Tensor4D {
  return pixelShuffle(tf.concat([x, x, x, x], 3), 2);
}

/**
 * The inverse of PyTorch's `PixelShuffle`: cells of r·r pixels become channels c·r² + i·r + j.
 *
 * @param x [B, H, W, C], sides multiples of r
 * @returns [B, H/r, W/r, C·r²]
 */
function pixelUnshuffle(x: tf.Tensor4D, r: number): tf.Tensor4D {
  if (r === 1) return x;
  const [B, H, W, C] = x.shape;
  // Batch and rows share an axis: not every backend transposes six.
  const cells: tf.Tensor5D = tf.reshape(x, [B * H / r, r, W / r, r, C]);
  return tf.reshape(tf.transpose(cells, [0, 2, 4, 1, 3]), [B, H / r, W / r, C * r * r]);
}
