/**
 * T→S and S+T: one backward pass of the pixel loss and the task's loss on SR images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { lowResolution } from "../../data/degradation.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import { dropInput, lossStep, lossView, required, type Setup, type Step } from "../recipe.ts";
import { update } from "../trainee.ts";

/**
 * Trains S with T's help.
 *
 * @param moved "s": T stands still in eval mode and only passes its gradient on (T→S); "both": S+T
 */
export function joint<B extends ImageBatch>(setup: Setup<B>, moved: "s" | "both"): Step<B> {
  const { T, scale, degradation, weights } = setup;
  const S = required(setup.S);
  const mode = moved === "both" ? "train" : "eval";
  const trainees = moved === "both" ? [S, T] : [S];
  const move = lossStep(setup, ([images, ...rest], { batch, chance }, targets) => {
    const hr = images as tf.Tensor4D; // [B, H, W, 3]
    const lr = lowResolution(hr, scale, degradation); // [B, h, w, 3]
    const trained = trainees.map((one, i) => [one, rest[i] as tf.Tensor1D] as const);
    const drops = rest[trainees.length] as tf.Tensor2D | undefined;
    return update(trained, () => {
      const sr = S.net(lr, drops); // [B, H, W, 3], not detached
      const [task] = T.net.losses([lossView(sr, "sr", chance)], batch, mode, targets);
      return {
        pixel: tf.mul(weights.pixel, meanAbsoluteError(sr, hr)),
        task: tf.mul(weights.task, task),
      };
    });
  });
  return ({ batch, numbers, chance }) =>
    tf.tidy(() => {
      const own = moved === "both" ? [numbers.S, numbers.T] : [numbers.S];
      const drops = dropInput(S, batch.images.shape[0], "sr", chance);
      return move([batch.images, ...own, ...drops], { batch, chance });
    });
}
