/**
 * H→T, L→T and S→T: T learns on one kind of image; S, if there is one, stands still.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { upscale } from "../../tensor/ops/upscale.ts";
import { compileIf, lossView, lowResolution, required, type Setup, type Step } from "../recipe.ts";
import { update } from "../trainee.ts";

/** What T is shown: the originals, the bilinearly enlarged low-resolution images, or S's. */
export type View = "hr" | "lr" | "sr";

/** Trains T alone. */
export function taskOnly<B extends ImageBatch>(setup: Setup<B>, view: View): Step<B> {
  const { T, weights } = setup;
  const show = viewer(setup, view);
  return ({ batch, numbers, chance }) =>
    tf.tidy(() => {
      const images = show(batch.images); // [B, H, W, 3]
      return update([[T, numbers.T]], () => {
        const [task] = T.net.losses([lossView(images, view, chance)], batch, "train");
        return { task: tf.mul(weights.task, task) };
      });
    });
}

/** Makes what a setting's task network sees from the originals [B, H, W, 3], same shape. */
export function viewer<B extends ImageBatch>(
  { S, scale, uniform }: Pick<Setup<B>, "S" | "scale" | "uniform">,
  view: View,
): (hr: tf.Tensor4D) => tf.Tensor4D {
  if (view === "hr") return (hr) => hr;
  const net = view === "sr" ? required(S) : undefined;
  const enlarge = net?.net ?? ((lr: tf.Tensor4D) => upscale(lr, scale));
  const make = compileIf<void>(
    uniform,
    ([hr]) => [enlarge(lowResolution(hr as tf.Tensor4D, scale))],
    () => net?.state() ?? [],
  );
  return (hr) => make([hr], undefined)[0] as tf.Tensor4D;
}
