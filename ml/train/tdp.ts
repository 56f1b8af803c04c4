/**
 * The task-driven perceptual loss: how far apart two images are in the eyes of the task network.
 *
 * Kim et al., "Beyond Image Super-Resolution for Image Recognition with Task-Driven Perceptual
 * Loss", CVPR 2024, section 3.2.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { meanAbsoluteError, meanSquaredError } from "../nn/losses.ts";

/** What one layer gives: one map, or several that share the layer's weight. */
export type Feature = tf.Tensor | readonly tf.Tensor[] | Readonly<Record<string, tf.Tensor>>;

/** Mean absolute (as published) or mean squared difference. */
export type Criterion = "l1" | "l2";

/** Options of {@link featureDistance}. */
export interface FeatureDistanceOptions {
  /** By default as published. */
  criterion?: Criterion;
}

/**
 * Sum over the weighted layers of weight · distance; of several maps each one's mean is added.
 *
 * @param a features of the super-resolved image, by layer
 * @param b features of the original, by layer, the same shapes
 * @param weights of the layers that count; others may be there and do not
 * @returns a scalar
 * @throws {RangeError} if a layer that counts is missing on either side
 */
export function featureDistance(
  a: Readonly<Record<string, Feature>>,
  b: Readonly<Record<string, Feature>>,
  weights: Readonly<Record<string, number>>,
  { criterion = "l1" }: FeatureDistanceOptions = {},
): tf.Scalar {
  const distance = criterion === "l1" ? meanAbsoluteError : meanSquaredError;
  const terms = Object.entries(weights).flatMap(([layer, weight]) => {
    const [first, second] = [maps(a, layer), maps(b, layer)];
    if (Object.keys(first).join() !== Object.keys(second).join()) {
      throw new RangeError(
        `Cannot compare layer "${layer}": one side has the maps ${Object.keys(first)}, ` +
          `the other ${Object.keys(second)}`,
      );
    }
    return Object.keys(first).map((key): tf.Scalar =>
      tf.mul(distance(first[key], second[key]), weight)
    );
  });
  return tf.addN(terms);
}

function maps(
  features: Readonly<Record<string, Feature>>,
  layer: string,
): Readonly<Record<string, tf.Tensor>> {
  const feature = features[layer];
  if (feature === undefined) {
    throw new RangeError(
      `Cannot compare layer "${layer}": the network gives ${Object.keys(features).join(", ")}`,
    );
  }
  return feature instanceof tf.Tensor
    ? { "": feature }
    : Object.fromEntries(Object.entries(feature));
}
