/**
 * A light segmenter for small pictures: the body of `backbones/light.ts` at stride 4, seen at three
 * distances.
 *
 * 109,762 trained numbers for 9 classes, the auxiliary head's 585 included. The body with its running
 * statistics loads from the pre-training classifier by name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Segmenter } from "../../ml/nn/contracts.ts";
import { conv2d } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";
import { resizeBilinear } from "../../ml/tensor/ops/resize.ts";
import { CHANNELS, lightBody, NORMALISATION } from "../backbones/light.ts";
import { convNormRelu } from "./parts/conv_norm_relu.ts";
import { rateFactor } from "./parts/rate_factor.ts";

/** What a person may choose. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(9)
    .describe("Classes, background included; training takes it from the dataset"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** Distances of the taps of the head's 3x3 convolutions, cells. */
const RATES = [1, 2, 4];

/** Channels of each distance, and of all together. */
const BRANCH = 32, WIDTH = 64;

/**
 * Declares the network.
 *
 * @returns a segmenter whose feature is the body's map, `body` [B, H/4, W/4, 64]
 */
export function build(p: Params, { num_classes: K }: Options): Segmenter {
  const body = lightBody(p.at("backbone.body"), "learned");
  const branches = RATES.map((dilation, i) => {
    const at = p.at(`classifier.convs.${i}`);
    return convNormRelu(at.at(0), at.at(1), { in: CHANNELS, out: BRANCH, k: 3, dilation });
  });
  const project = convNormRelu(p.at("classifier.project.0"), p.at("classifier.project.1"), {
    in: RATES.length * BRANCH,
    out: WIDTH,
    k: 1,
  });
  const head = conv2d(p.at("classifier.logits"), WIDTH, K, 1);
  const auxHead = conv2d(p.at("aux_classifier.logits"), CHANNELS, K, 1);

  const normalise = (images: tf.Tensor4D) =>
    normalize(images, NORMALISATION.mean, NORMALISATION.std);

  return {
    logits: (images, mode) =>
      tf.tidy(() => {
        const [, H, W] = images.shape;
        const map = body(normalise(images), mode); // [B, H/4, W/4, 64]
        const seen = tf.concat(branches.map((branch) => branch(map, mode)), 3); // [B, …, 96]
        const out = head(project(seen, mode)); // [B, H/4, W/4, K]
        return { out: resizeBilinear(out, [H, W]), aux: resizeBilinear(auxHead(map), [H, W]) };
      }),
    features: (images) => tf.tidy(() => ({ body: body(normalise(images), "eval") })),
    featureWeights: { body: 1 },
    drops: false,
    rateFactor,
  };
}
