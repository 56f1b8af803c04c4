/**
 * Attention among the cells of a window, which know how they lie to each other.
 *
 * Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows", ICCV 2021.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant, normal } from "../../../ml/nn/init.ts";
import { type Layer, linear } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";
import { biasAdd } from "../../../ml/tensor/ops/bias_add.ts";
import { reorder, type WindowGrid } from "./windows.ts";

/**
 * Starting values of a transformer's linear layers. The original cuts the normal distribution off
 * at a hundred deviations, so it does not.
 */
export const LINEAR_INIT = { init: normal(0.02), biasInit: constant(0) };

/** What attention is built with. */
export interface AttentionOptions {
  channels: number;
  heads: number;
  /** Which cells see each other. */
  grid: WindowGrid;
}

/** Declares `relative_position_bias_table`, `relative_position_index`, `qkv` and `proj`. */
export function windowAttention(
  p: Params,
  { channels: C, heads: n, grid }: AttentionOptions,
): Layer {
  const D = C / n;
  const N = grid.side ** 2;
  const index = relativePositions(grid.side);
  const table = p.get("relative_position_bias_table", {
    shape: [(2 * grid.side - 1) ** 2, n],
    init: normal(0.02),
  });
  // Files hold it; it follows from the side.
  p.get("relative_position_index", {
    shape: [N, N],
    init: () => Float32Array.from(index),
    role: "buffer",
  });
  const qkv = linear(p.at("qkv"), C, 3 * C, LINEAR_INIT);
  const proj = linear(p.at("proj"), C, C, LINEAR_INIT);

  /** What is added to the scores of one window, [n·N·N], or of all of an image. */
  const bias = (kinds: Int32Array): tf.Tensor1D => {
    const ofPairs = tf.gather(tf.transpose(table as tf.Tensor as tf.Tensor2D), index, 1); // [n, N·N]
    if (grid.masks === undefined) return tf.reshape(ofPairs, [n * N * N]);
    const masks = tf.tensor3d(grid.masks, [4, 1, N * N]);
    const ofKinds = tf.reshape(tf.add(tf.expandDims(ofPairs), masks), [4, n * N * N]);
    return tf.reshape(tf.gather(ofKinds, kinds), [kinds.length * n * N * N]);
  };

  return (x) =>
    tf.tidy(() => {
      const [B, H, W] = x.shape;
      const { cells, places, kinds } = grid.on(H, W);
      const all = B * kinds.length;
      const tokens = reorder(tf.reshape(x, [B, H * W, C]), cells, places);
      const parts = tf.reshape(qkv(tf.reshape(tokens, [B * H * W, C])), [all, N, 3, n, D]);
      const [q, k, v] = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4])); // [all, n, N, D]
      const scores = tf.matMul(tf.mul(q, D ** -0.5), k, false, true); // [all, n, N, N]
      const added = bias(kinds);
      const biased = biasAdd(tf.reshape(scores, [-1, added.size]), added);
      const attention = tf.softmax(tf.reshape(biased, [all, n, N, N]));
      const seen = tf.transpose(tf.matMul(attention, v), [0, 2, 1, 3]); // [all, N, n, D]
      const y: tf.Tensor3D = tf.reshape(proj(tf.reshape(seen, [B * H * W, C])), [B, H * W, C]);
      return tf.reshape(reorder(y, places, cells), [B, H, W, C]);
    });
}

/**
 * Which row of the table says how two cells of a window lie to each other.
 *
 * @returns [w²·w²] by the first cell, then by the second: (dy + w - 1)·(2w - 1) + dx + w - 1
 */
function relativePositions(w: number): Int32Array {
  const N = w ** 2;
  return Int32Array.from({ length: N * N }, (_, pair) => {
    const [a, b] = [Math.floor(pair / N), pair % N];
    const dy = Math.floor(a / w) - Math.floor(b / w);
    const dx = a % w - b % w;
    return (dy + w - 1) * (2 * w - 1) + dx + w - 1;
  });
}
