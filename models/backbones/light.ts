/**
 * A light body for small pictures: four convolutions, output stride 4, and the classifier that
 * pre-trains it.
 *
 * Thin early layers with early strides cannot deblur much by themselves, so the detector on them
 * needs what a super-resolution network adds. 46,512 trained numbers in the body.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { batchNorm, type Mode } from "../../ml/nn/batch_norm.ts";
import { kaimingNormalFanOut } from "../../ml/nn/init.ts";
import { conv2d, type ConvOptions, frozenBatchNorm, linear } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";

/** Input and output channels and stride of the 3x3 convolutions. */
const ROWS = [
  { in: 3, out: 16, stride: 2 },
  { in: 16, out: 32, stride: 2 },
  { in: 32, out: 48, stride: 1 },
  { in: 48, out: 64, stride: 1 },
];

/** Channels of the body's result. */
export const CHANNELS = 64;

/** Pixels per cell of the body's result. */
export const STRIDE = 4;

/** Mean and deviation of the pictures, each the same for R, G and B. */
export const NORMALISATION = { mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225] };

/**
 * Declares `<i>.0` and `<i>.1` for i = 0 … 3.
 *
 * @param norm `frozen`: fixed statistics; `learned`: as in pre-training
 * @returns [B, H, W, 3] normalised → [B, H/4, W/4, 64]
 */
export function lightBody(
  p: Params,
  norm: "frozen" | "learned",
): (x: tf.Tensor4D, mode: Mode) => tf.Tensor4D {
  const layers = ROWS.map((row, i) => convNormRelu(p.at(i), row, norm));
  return (x, mode) => layers.reduce((y, layer) => tf.tidy(() => layer(y, mode)), x);
}

/** What the pre-training classifier is built with. */
export const options = z.strictObject({
  classes: z.int().min(2).describe("Classes of the pre-training pictures"),
});

/**
 * The classifier that pre-trains the body: one more convolution, a mean over 2x2 fields, a linear
 * layer. The detector loads `backbone.body.*` from its checkpoint and leaves the rest.
 *
 * @returns ([B, 32, 32, 3] in [0, 1], mode) → logits [B, classes]
 */
export function build(
  p: Params,
  { classes }: z.infer<typeof options>,
): (images: tf.Tensor4D, mode: Mode) => tf.Tensor2D {
  const body = lightBody(p.at("backbone.body"), "learned");
  const C = 96;
  const side = 2;
  const head = convNormRelu(p.at("head.0"), { in: CHANNELS, out: C, stride: 2 }, "learned");
  const fc = linear(p.at("head.fc"), C * side * side, classes, { flattenedChannels: C });
  return (images, mode) => {
    const x = normalize(images, NORMALISATION.mean, NORMALISATION.std);
    const map = head(body(x, mode), mode); // [B, 4, 4, 96]
    const pooled = tf.avgPool(map, [map.shape[1] / side, map.shape[2] / side], [
      map.shape[1] / side,
      map.shape[2] / side,
    ], "valid"); // [B, 2, 2, 96]
    return fc(tf.reshape(pooled, [pooled.shape[0], C * side * side]));
  };
}

function convNormRelu(
  p: Params,
  row: { in: number; out: number; stride: number },
  norm: "frozen" | "learned",
): (x: tf.Tensor4D, mode: Mode) => tf.Tensor4D {
  const options: ConvOptions = { stride: row.stride, bias: false, init: kaimingNormalFanOut };
  if (norm === "frozen") {
    const affine = frozenBatchNorm(p.at(1), row.out);
    const conv = conv2d(p.at(0), row.in, row.out, 3, { ...options, affine });
    return (x) => tf.relu(conv(x));
  }
  const conv = conv2d(p.at(0), row.in, row.out, 3, options);
  const normalise = batchNorm(p.at(1), row.out);
  return (x, mode) => tf.relu(normalise(conv(x), mode));
}
