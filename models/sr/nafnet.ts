/**
 * NAFNet: an encoder and a decoder of blocks without activation functions, on enlarged images.
 *
 * Chen et al., "Simple Baselines for Image Restoration", ECCV 2022. By default the light network that
 * the authors trained for deblurring, 17,111,907 parameters, named as in their release.
 *
 * NAFNet restores images and keeps their size, so S is bilinear enlargement and NAFNet behind it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { SrNet } from "../../ml/nn/contracts.ts";
import { torchDefault } from "../../ml/nn/init.ts";
import { conv2d, type Layer } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { addMaps } from "../../ml/tensor/ops/add_maps.ts";
import { biasAdd } from "../../ml/tensor/ops/bias_add.ts";
import { pixelShuffle } from "../../ml/tensor/ops/pixel_shuffle.ts";
import { upscale } from "../../ml/tensor/ops/upscale.ts";
import { nafBlock } from "./parts/naf_block.ts";

const levels = z.array(z.int().nonnegative());

/** What a network is built with. */
export const options = z.strictObject({
  scale: z.literal([1, 2, 4, 8]).default(4).describe("Up-scaling factor; 1 restores only"),
  width: z.int().positive().default(32)
    .describe("Channels at full size; each level down has twice as many"),
  encoder: levels.default([1, 1, 1, 28]).describe("Blocks of each level on the way down"),
  middle: z.int().nonnegative().default(1).describe("Blocks at the smallest size"),
  decoder: levels.default([1, 1, 1, 1]).describe("Blocks of each level on the way up"),
}).refine(({ encoder, decoder }) => encoder.length === decoder.length, {
  path: ["decoder"],
  message: "a list of as many numbers as encoder has",
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/**
 * Declares the network.
 *
 * @returns a network from [B, h, w, 3] in [0, 1] to [B, h·scale, w·scale, 3]
 */
export function build(p: Params, { scale, width, encoder, middle, decoder }: Options): SrNet {
  const depth = encoder.length;
  const channels = (level: number) => width * 2 ** level;
  const intro = conv2d(p.at("intro"), 3, width, 3);
  const down = encoder.map((count, i) => ({
    blocks: nafBlocks(p.at(`encoders.${i}`), channels(i), count),
    shrink: halve(p.at(`downs.${i}`), channels(i), channels(i + 1)),
  }));
  const bottom = nafBlocks(p.at("middle_blks"), channels(depth), middle);
  const up = decoder.map((count, i) => {
    const C = channels(depth - i);
    return {
      enlarge: conv2d(p.at(`ups.${i}.0`), C, 2 * C, 1, { bias: false, shuffle: 2 }),
      blocks: nafBlocks(p.at(`decoders.${i}`), C / 2, count),
    };
  });
  const ending = conv2d(p.at("ending"), width, 3, 3);

  return (lr) =>
    tf.tidy(() => {
      const image = scale === 1 ? lr : upscale(lr, scale); // [B, H, W, 3]
      const padded = padToMultiple(image, 2 ** depth);
      const skips: tf.Tensor4D[] = [];
      let x = intro(padded); // [B, H', W', width]
      for (const { blocks, shrink } of down) {
        x = blocks(x);
        skips.push(x);
        x = shrink(x);
      }
      x = bottom(x); // [B, H'/2^depth, W'/2^depth, width·2^depth]
      for (const { enlarge, blocks } of up) {
        x = blocks(addMaps(pixelShuffle(enlarge(x), 2), skips.pop() as tf.Tensor4D));
      }
      const output = addMaps(ending(x), padded); // not clamped
      return tf.slice(output, 0, image.shape);
    });
}

function nafBlocks(p: Params, C: number, count: number): Layer {
  const blocks = Array.from({ length: count }, (_, i) => nafBlock(p.at(i), C));
  return (x) => blocks.reduce((x, block) => block(x), x);
}

/** `torch.nn.Conv2d(C, out, 2, 2)`: every cell of 2x2 becomes one. */
function halve(p: Params, C: number, out: number): Layer {
  const init = torchDefault(C * 4);
  const weight = p.get("weight", { shape: [out, C, 2, 2], layout: "conv", init });
  const bias = p.get("bias", { shape: [out], init });
  return (x) =>
    tf.tidy(() => biasAdd(tf.conv2d(x, weight as tf.Tensor as tf.Tensor4D, 2, "valid"), bias));
}

/** Black at the bottom and at the right, as the authors pad. */
function padToMultiple(x: tf.Tensor4D, n: number): tf.Tensor4D {
  const missing = (size: number) => (n - size % n) % n;
  const [, H, W] = x.shape;
  if (missing(H) === 0 && missing(W) === 0) return x;
  return tf.pad(x, [[0, 0], [0, missing(H)], [0, missing(W)], [0, 0]]);
}
