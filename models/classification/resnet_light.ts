/**
 * A light classifier for pictures of about 40x40: a residual body of three blocks, a mean over the
 * map, one linear layer.
 *
 * 77,912 trained numbers for 8 classes. The body loads from the pre-training classifier of
 * `backbones/resnet_light.ts` by name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Classifier } from "../../ml/nn/contracts.ts";
import { linear } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { CHANNELS, resNetLightBody } from "../backbones/resnet_light.ts";

/** What a person may choose. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(8).describe("Classes; training takes it from the dataset"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/**
 * Declares the network.
 *
 * @returns a classifier whose feature is the last block's map, `layer3` [B, H/8, W/8, 64]
 */
export function build(p: Params, { num_classes }: Options): Classifier {
  const body = resNetLightBody(p);
  const fc = linear(p.at("fc"), CHANNELS, num_classes);
  return {
    logits: (images, mode) => tf.tidy(() => fc(tf.mean(body(images, mode), [1, 2]))),
    features: (images) => tf.tidy(() => ({ layer3: body(images, "eval") })),
    featureWeights: { layer3: 1 },
    drops: false,
  };
}
