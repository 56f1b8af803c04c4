/**
 * S alone, on pixels: the stage that the other settings start from.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Degradation, lowResolution } from "../../data/degradation.ts";
import type { SrNet } from "../../nn/contracts.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import type { Chance } from "../../tasks/task.ts";
import { compileIf, dropInput } from "../recipe.ts";
import { type Losses, type Trainee, update } from "../trainee.ts";

/** Moves S by the mean absolute difference between its images and the originals. */
export function srOnly(
  S: Trainee<SrNet>,
  { scale, degradation, uniform }: { scale: number; degradation: Degradation; uniform: boolean },
): (hr: tf.Tensor4D, numbers: tf.Tensor1D, chance: Pick<Chance, "drops">) => Losses {
  const move = compileIf<void>(uniform, ([hr, numbers, drops]) => {
    const lr = lowResolution(hr as tf.Tensor4D, scale, degradation); // [B, h, w, 3]
    const { pixel } = update(
      [[S, numbers as tf.Tensor1D]],
      () => ({ pixel: meanAbsoluteError(S.net(lr, drops as tf.Tensor2D | undefined), hr) }),
    );
    return [pixel];
  }, S.state);
  return (hr, numbers, chance) =>
    tf.tidy(() => {
      const drops = dropInput(S, hr.shape[0], "sr", chance);
      const [pixel] = move([hr, numbers, ...drops], undefined);
      return { pixel: pixel as tf.Scalar };
    });
}
