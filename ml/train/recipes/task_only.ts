/**
 * H→T, L→T and S→T: T learns on one kind of image; S, if there is one, stands still.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { lowResolution } from "../../data/degradation.ts";
import type { SrNet } from "../../nn/contracts.ts";
import { upscale } from "../../tensor/ops/upscale.ts";
import { compileIf, lossStep, lossView, required, type Setup, type Step } from "../recipe.ts";
import { update } from "../trainee.ts";

/** What T is shown: the originals, the bilinearly enlarged low-resolution images, or S's. */
export type View = "hr" | "lr" | "sr";

/** Trains T alone. */
export function taskOnly<B extends ImageBatch>(setup: Setup<B>, view: View): Step<B> {
  const { T, weights } = setup;
  const show = viewer(setup, view);
  const move = lossStep(setup, ([hr, numbers], { batch, chance }, targets) => {
    const images = show(hr as tf.Tensor4D); // [B, H, W, 3]
    return update([[T, numbers as tf.Tensor1D]], () => {
      const [task] = T.net.losses([lossView(images, view, chance)], batch, "train", targets);
      return { task: tf.mul(weights.task, task) };
    });
  });
  return ({ batch, numbers, chance }) => move([batch.images, numbers.T], { batch, chance });
}

/**
 * Makes what a setting's task network sees from the originals [B, H, W, 3], same shape. S stands
 * still; it drops something only if it is given what (`dropInput`).
 */
export function viewer<B extends ImageBatch>(
  { S, scale, degradation, uniform }: Pick<Setup<B>, "S" | "scale" | "degradation" | "uniform">,
  view: View,
): (hr: tf.Tensor4D, drops?: readonly tf.Tensor2D[]) => tf.Tensor4D {
  if (view === "hr") return (hr) => hr;
  const net = view === "sr" ? required(S) : undefined;
  const enlarge: SrNet = net?.net ?? ((lr) => upscale(lr, scale));
  const make = compileIf<void>(
    uniform,
    ([hr, drops]) => [
      enlarge(
        lowResolution(hr as tf.Tensor4D, scale, degradation),
        drops as tf.Tensor2D | undefined,
      ),
    ],
    () => net?.state() ?? [],
  );
  return (hr, drops = []) => make([hr, ...drops], undefined)[0] as tf.Tensor4D;
}
