/**
 * NAFNet's block: halves of maps that are multiplied stand in for activation functions.
 *
 * Chen et al., "Simple Baselines for Image Restoration", ECCV 2022, figure 3.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant, torchDefault } from "../../../ml/nn/init.ts";
import { layerNorm } from "../../../ml/nn/layer_norm.ts";
import { conv2d, depthwiseConv2d, type Layer } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";
import { addMaps } from "../../../ml/tensor/ops/add_maps.ts";
import { biasAdd } from "../../../ml/tensor/ops/bias_add.ts";

/** The authors' value, not PyTorch's default. */
const NORM_EPS = 1e-6;

/**
 * Declares `norm1`, `conv1` … `conv3`, `sca.1` and `beta` of the first half, `norm2`, `conv4`,
 * `conv5` and `gamma` of the second.
 */
export function nafBlock(p: Params, C: number): Layer {
  const beta = branchFactor(p, "beta", C);
  const gamma = branchFactor(p, "gamma", C);
  const conv1 = conv2d(p.at("conv1"), C, 2 * C, 1);
  const conv2 = depthwiseWithBias(p.at("conv2"), 2 * C);
  const conv3 = conv2d(p.at("conv3"), C, C, 1);
  const attention = conv2d(p.at("sca.1"), C, C, 1);
  const conv4 = conv2d(p.at("conv4"), C, 2 * C, 1);
  const conv5 = conv2d(p.at("conv5"), C, C, 1);
  const norm1 = layerNorm(p.at("norm1"), C, NORM_EPS);
  const norm2 = layerNorm(p.at("norm2"), C, NORM_EPS);

  return (x) =>
    tf.tidy(() => {
      let y = simpleGate(conv2(conv1(norm1(x)))); // [B, H, W, C]
      y = tf.mul(y, attention(tf.mean(y, [1, 2], true)));
      const first = addMaps(tf.mul(conv3(y), beta()), x);
      return addMaps(tf.mul(conv5(simpleGate(conv4(norm2(first)))), gamma()), first);
    });
}

/** What a branch is multiplied by; it starts at 0, so a new block is the identity. */
function branchFactor(p: Params, name: string, C: number): () => tf.Tensor1D {
  const factor = p.get(name, { shape: [1, C, 1, 1], init: constant(0) });
  return () => tf.reshape(factor, [C]);
}

function depthwiseWithBias(p: Params, C: number): Layer {
  const conv = depthwiseConv2d(p, C, 3);
  const bias = p.get("bias", { shape: [C], init: torchDefault(9) });
  return (x) => biasAdd(conv(x), bias);
}

/** The first half of the channels times the second. */
function simpleGate(x: tf.Tensor4D): tf.Tensor4D {
  const [a, b] = tf.split(x, 2, 3);
  return tf.mul(a, b);
}
