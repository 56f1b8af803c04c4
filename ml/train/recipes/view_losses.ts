/**
 * What T learns from in SR4IR: three versions of each image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { type Iteration, lossView, type Setup } from "../recipe.ts";
import type { Losses } from "../trainee.ts";

const VIEWS = ["sr", "hr", "cqmix"] as const;

/**
 * T's weighted loss on each version, each [B, H, W, 3]; those of weight 0 are left out, so that they
 * move no running statistics either.
 *
 * @throws {RangeError} if all weights are 0
 */
export function viewLosses<B extends ImageBatch>(
  { T, weights }: Pick<Setup<B>, "T" | "weights">,
  images: Record<typeof VIEWS[number], tf.Tensor4D>,
  { batch, chance }: Pick<Iteration<B>, "batch" | "chance">,
  targets: tf.Tensor[],
): Losses {
  const shown = VIEWS.filter((name) => weights[name] > 0);
  if (shown.length === 0) {
    throw new RangeError(
      `Cannot train T: the weights ${VIEWS.join(", ")} are all 0; expected one above 0`,
    );
  }
  const views = shown.map((name) => lossView(images[name], name, chance));
  const losses = T.net.losses(views, batch, "train", targets);
  return Object.fromEntries(shown.map((name, i) => [name, tf.mul(weights[name], losses[i])]));
}
