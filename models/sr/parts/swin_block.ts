/**
 * A transformer block: attention inside windows, then a perceptron on every cell. Each is a branch
 * that is added to what it was given, and that training may drop image by image.
 *
 * Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", ICCV 2021;
 * Huang et al., "Deep Networks with Stochastic Depth", ECCV 2016.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { gelu } from "../../../ml/nn/gelu.ts";
import { layerNorm } from "../../../ml/nn/layer_norm.ts";
import { linear } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";
import { addMaps } from "../../../ml/tensor/ops/add_maps.ts";
import { type AttentionOptions, LINEAR_INIT, windowAttention } from "./window_attention.ts";
import type { WindowGrid } from "./windows.ts";

/** What a block is built with. */
export interface BlockOptions extends AttentionOptions {
  /** Channels inside the perceptron. */
  hidden: number;
  /** Side of the maps that the mask in weights files is for, cells. */
  imageSize: number;
}

/**
 * [B, H, W, C] → the same shape.
 *
 * @param keep what each of its branches is multiplied by, [B, 1, 1, 1]; undefined: by nothing
 */
export type Block = (x: tf.Tensor4D, keep: readonly (tf.Tensor4D | undefined)[]) => tf.Tensor4D;

/** Declares `norm1`, `attn`, `norm2`, `mlp.{fc1,fc2}`, and `attn_mask` where windows are shifted. */
export function swinBlock(p: Params, options: BlockOptions): Block {
  const { channels: C, hidden, grid, imageSize } = options;
  if (grid.masks !== undefined) declareMask(p, grid, grid.masks, imageSize);
  const norm1 = layerNorm(p.at("norm1"), C);
  const attention = windowAttention(p.at("attn"), options);
  const norm2 = layerNorm(p.at("norm2"), C);
  const fc1 = linear(p.at("mlp.fc1"), C, hidden, LINEAR_INIT);
  const fc2 = linear(p.at("mlp.fc2"), hidden, C, LINEAR_INIT);
  const perceptron = (x: tf.Tensor4D): tf.Tensor4D => {
    const [B, H, W] = x.shape;
    return tf.reshape(fc2(gelu(fc1(tf.reshape(x, [B * H * W, C])))), [B, H, W, C]);
  };
  return (x, [first, second]) =>
    tf.tidy(() => {
      const y = addMaps(kept(attention(norm1(x)), first), x);
      return addMaps(kept(perceptron(norm2(y)), second), y);
    });
}

function kept(branch: tf.Tensor4D, keep: tf.Tensor4D | undefined): tf.Tensor4D {
  return keep === undefined ? branch : tf.mul(branch, keep);
}

/** Files hold the masks of all windows of one size of map; they follow from it. */
function declareMask(p: Params, grid: WindowGrid, masks: Float32Array, imageSize: number): void {
  const { kinds } = grid.on(imageSize, imageSize);
  const N = grid.side ** 2;
  p.get("attn_mask", {
    shape: [kinds.length, N, N],
    init: () => {
      const values = new Float32Array(kinds.length * N * N);
      kinds.forEach((kind, i) =>
        values.set(masks.subarray(kind * N * N, (kind + 1) * N * N), i * N * N)
      );
      return values;
    },
    role: "buffer",
  });
}
