/**
 * S alone, on pixels: the stage that the other settings start from.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SrNet } from "../../nn/contracts.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import { compileIf, lowResolution } from "../recipe.ts";
import { type Losses, type Trainee, update } from "../trainee.ts";

/** Moves S by the mean absolute difference between its images and the originals. */
export function srOnly(
  S: Trainee<SrNet>,
  { scale, uniform }: { scale: number; uniform: boolean },
): (hr: tf.Tensor4D, numbers: tf.Tensor1D) => Losses {
  const move = compileIf<void>(uniform, ([hr, numbers]) => {
    const lr = lowResolution(hr as tf.Tensor4D, scale); // [B, h, w, 3]
    const { pixel } = update(
      [[S, numbers as tf.Tensor1D]],
      () => ({ pixel: meanAbsoluteError(S.net(lr), hr) }),
    );
    return [pixel];
  }, S.state);
  return (hr, numbers) => {
    const [pixel] = move([hr, numbers], undefined);
    return { pixel: pixel as tf.Scalar };
  };
}
