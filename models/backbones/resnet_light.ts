/**
 * A light residual body for small pictures: three blocks, output stride 8, and the classifier that
 * pre-trains it. 77,392 trained numbers in the body.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { ModalLayer, Mode } from "../../ml/nn/batch_norm.ts";
import { linear } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";
import { NORMALISATION } from "./light.ts";
import { basicBlock, convNorm } from "./parts/residual.ts";

/** Channels and stride of the blocks. */
const ROWS = [
  { channels: 16, stride: 1 },
  { channels: 32, stride: 2 },
  { channels: 64, stride: 2 },
];

/** Channels of the body's result. */
export const CHANNELS = 64;

/**
 * Declares `conv1`, `bn1` and `layer{1,2,3}.0`, as a ResNet names them.
 *
 * @returns [B, H, W, 3] in [0, 1] → [B, H/8, W/8, 64], not below 0
 */
export function resNetLightBody(p: Params): ModalLayer {
  let C = ROWS[0].channels;
  const stem = convNorm(p.at("conv1"), p.at("bn1"), 3, { k: 3, out: C, stride: 2 });
  const blocks = ROWS.map((row, i) => {
    const block = basicBlock(p.at(`layer${i + 1}.0`), { in: C, ...row });
    C = row.channels;
    return block;
  });
  const { mean, std } = NORMALISATION;
  return (images, mode) => {
    const x = tf.tidy(() => tf.relu(stem(normalize(images, mean, std), mode))); // [B, H/2, W/2, 16]
    return blocks.reduce((y, block) => tf.tidy(() => block(y, mode).output), x);
  };
}

/** What the pre-training classifier is built with. */
export const options = z.strictObject({
  classes: z.int().min(2).describe("Classes of the pre-training pictures"),
});

/**
 * The classifier that pre-trains the body. A later one loads the body by name and not the last
 * layer, which is called otherwise here: `head.fc`.
 *
 * @returns ([B, H, W, 3] in [0, 1], mode) → logits [B, classes]
 */
export function build(
  p: Params,
  { classes }: z.infer<typeof options>,
): (images: tf.Tensor4D, mode: Mode) => tf.Tensor2D {
  const body = resNetLightBody(p);
  const fc = linear(p.at("head.fc"), CHANNELS, classes);
  return (images, mode) => tf.tidy(() => fc(tf.mean(body(images, mode), [1, 2])));
}
