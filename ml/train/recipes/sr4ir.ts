/**
 * SR4IR: S and T take turns. S learns from pixels and from what T sees in them; T learns from the
 * new S, from the originals and from their mixture.
 *
 * Kim et al., "Beyond Image Super-Resolution for Image Recognition with Task-Driven Perceptual
 * Loss", CVPR 2024, section 3.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { lowResolution } from "../../data/degradation.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import { cqmix, enlargeMask } from "../cqmix.ts";
import {
  compileIf,
  dropInput,
  type Iteration,
  lossStep,
  required,
  type Setup,
  type Step,
} from "../recipe.ts";
import { featureDistance } from "../tdp.ts";
import { type Losses, update } from "../trainee.ts";
import { viewer } from "./task_only.ts";
import { viewLosses } from "./view_losses.ts";

/** Trains S and T alternately. */
export function sr4ir<B extends ImageBatch>(setup: Setup<B>): Step<B> {
  const [moveS, moveT] = [phase1(setup), phase2(setup, { drop: true })];
  return (iteration) => tf.tidy(() => ({ ...moveS(iteration), ...moveT(iteration) }));
}

/** What phase 1 is made from. */
export type Phase1Setup<B extends ImageBatch> =
  & Pick<Setup<B>, "S" | "T" | "scale" | "degradation" | "criterion" | "uniform">
  & { weights: Pick<Setup<B>["weights"], "pixel" | "tdp"> };

/**
 * S follows the pixels and, once warmed up, what T sees in them. T stands still, and nothing of a
 * batch is looked at but its images.
 */
export function phase1<B extends ImageBatch>(
  { S: net, T, scale, degradation, weights, criterion, uniform }: Phase1Setup<B>,
): (iteration: PictureIteration<B>) => Losses {
  const S = required(net);
  const state = () => [...S.state(), ...T.state()];
  const moveS = (tdp: boolean) =>
    compileIf<B["sizes"]>(uniform, ([images, numbers, drops], sizes) => {
      const hr = images as tf.Tensor4D; // [B, H, W, 3]
      const lr = lowResolution(hr, scale, degradation); // [B, h, w, 3]
      const wanted = tdp ? T.net.features(hr, sizes) : {};
      const losses = update([[S, numbers as tf.Tensor1D]], () => {
        const sr = S.net(lr, drops as tf.Tensor2D | undefined); // [B, H, W, 3], not clamped
        const pixel: tf.Scalar = tf.mul(weights.pixel, meanAbsoluteError(sr, hr));
        if (!tdp) return { pixel };
        const seen = T.net.features(sr, sizes);
        const distance = featureDistance(seen, wanted, T.net.featureWeights, { criterion });
        return { pixel, tdp: tf.mul(weights.tdp, distance) };
      });
      return tdp ? [losses.pixel, losses.tdp] : [losses.pixel];
    }, state);
  const [byPixels, withTdp] = [moveS(false), moveS(true)];
  return ({ batch: { images, sizes }, numbers, tdp, chance }) =>
    tf.tidy(() => {
      const seeing = tdp && weights.tdp > 0;
      const drops = dropInput(S, images.shape[0], "phase 1", chance);
      const move = seeing ? withTdp : byPixels;
      const [pixel, distance] = move([images, numbers.S, ...drops], sizes);
      return (seeing ? { pixel, tdp: distance } : { pixel }) as Losses;
    });
}

/** An iteration of which only the pictures are known, and where only S moves. */
type PictureIteration<B extends ImageBatch> = Pick<Iteration<B>, "tdp"> & {
  batch: Pick<B, "images" | "sizes">;
  numbers: { S: tf.Tensor1D };
  chance: Pick<Iteration<B>["chance"], "drops">;
};

/**
 * T learns from what S makes, from the originals and from their mixture; those of weight 0 are left
 * out. S is asked for its images, after phase 1 has moved it, and stands still.
 *
 * @param drop whether S drops branches, as a network does that is in training itself
 */
export function phase2<B extends ImageBatch>(
  setup: Setup<B>,
  { drop }: { drop: boolean },
): Step<B> {
  const { T, cells } = setup;
  const S = required(setup.S);
  const superResolve = viewer(setup, "sr");
  const moveT = lossStep(setup, ([images, numbers, mask, ...drops], iteration, targets) => {
    const hr = images as tf.Tensor4D; // [B, H, W, 3]
    const [, H, W] = hr.shape;
    const sr = superResolve(hr, drops as tf.Tensor2D[]); // [B, H, W, 3], detached
    const mixed = cqmix(sr, hr, enlargeMask(mask as tf.Tensor4D, [H, W])); // [B, H, W, 3]
    return update(
      [[T, numbers as tf.Tensor1D]],
      () => viewLosses(setup, { sr, hr, cqmix: mixed }, iteration, targets),
    );
  });
  return (iteration) =>
    tf.tidy(() => {
      const { batch: { images }, numbers, chance } = iteration;
      const [B] = images.shape;
      const mask = tf.tensor4d(chance.mask(B, cells), [B, cells, cells, 1]);
      const drops = drop ? dropInput(S, B, "phase 2", chance) : [];
      return moveT([images, numbers.T, mask, ...drops], iteration);
    });
}
