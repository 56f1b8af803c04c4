/**
 * VGG, as torchvision builds it: convolutions and poolings in a row, then three linear layers.
 *
 * Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
 * ICLR 2015. VGG-11 has 129,585,736 parameters for 200 classes; named as in torchvision. SR4IR's
 * authors have one that answers with a pair, which their own training cannot use; this one is a
 * plain classifier.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { batchNorm, type ModalLayer } from "../../ml/nn/batch_norm.ts";
import type { Classifier } from "../../ml/nn/contracts.ts";
import { dropout } from "../../ml/nn/dropout.ts";
import { constant, kaimingNormalFanOut, normal } from "../../ml/nn/init.ts";
import { conv2d, linear } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { adaptiveAveragePool, maxPool } from "../../ml/nn/pooling.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";

/** What a person may choose; words and defaults are torchvision's. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(1000)
    .describe("Classes; training takes it from the dataset"),
  depth: z.literal([11, 13, 16, 19]).default(11).describe("Layers with weights"),
  batch_norm: z.boolean().default(false).describe("Normalise behind every convolution"),
  dropout: z.number().min(0).lt(1).default(0.5)
    .describe("Share of the linear layers' inputs that training leaves out"),
  hidden: z.int().positive().default(4096).describe("Outputs of the first two linear layers"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** Convolutions of each of the five stages; a pooling by two ends each. */
const DEPTHS = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
} as const;

/** Channels of each stage. */
const CHANNELS = [64, 128, 256, 512, 512];

/** Cells per side that the linear layers see. */
const SIDE = 7;

/**
 * Declares the network.
 *
 * @returns a classifier whose feature is the last convolution's rectified map, `features`
 *   [B, H/16, W/16, 512]
 */
export function build(p: Params, options: Options): Classifier {
  const body = vggBody(p.at("features"), options);
  const pool = maxPool(2, 2);
  const average = adaptiveAveragePool(SIDE, SIDE);
  const { hidden, num_classes } = options;
  const init = { init: normal(0.01), biasInit: constant(0) };
  const C = CHANNELS[CHANNELS.length - 1];
  const inputs = C * SIDE * SIDE;
  const fc1 = linear(p.at("classifier.0"), inputs, hidden, { ...init, flattenedChannels: C });
  const fc2 = linear(p.at("classifier.3"), hidden, hidden, init);
  const fc3 = linear(p.at("classifier.6"), hidden, num_classes, init);
  return {
    logits: (images, mode, random) =>
      tf.tidy(() => {
        const drop = (x: tf.Tensor2D) =>
          dropout(x, options.dropout, mode === "train" ? random : undefined);
        const map = average(pool(body(normalize(images), mode))); // [B, 7, 7, 512]
        const x: tf.Tensor2D = tf.reshape(map, [map.shape[0], inputs]);
        return fc3(drop(tf.relu(fc2(drop(tf.relu(fc1(x)))))));
      }),
    features: (images) => tf.tidy(() => ({ features: body(normalize(images), "eval") })),
    featureWeights: { features: 1 },
    drops: true,
  };
}

/**
 * Declares the convolutions, numbered as torchvision's list of layers is: convolution,
 * normalisation, activation and pooling each take a number.
 *
 * @returns [B, H, W, 3] normalised → [B, H/16, W/16, 512], what the last pooling is given
 */
function vggBody(p: Params, { depth, batch_norm }: Options): ModalLayer {
  const layers: ModalLayer[] = [];
  let C = 3;
  let index = 0;
  for (const [stage, count] of DEPTHS[depth].entries()) {
    const channels = CHANNELS[stage];
    if (stage > 0) {
      layers.push(maxPool(2, 2));
      index += 1;
    }
    for (let i = 0; i < count; i++) {
      const init = { init: kaimingNormalFanOut, biasInit: constant(0) };
      const conv = conv2d(p.at(index), C, channels, 3, init);
      const normalise: ModalLayer = batch_norm ? batchNorm(p.at(index + 1), channels) : (x) => x;
      layers.push((x, mode) => tf.relu(normalise(conv(x), mode)));
      index += batch_norm ? 3 : 2;
      C = channels;
    }
  }
  return (x, mode) => layers.reduce((y, layer) => tf.tidy(() => layer(y, mode)), x);
}
