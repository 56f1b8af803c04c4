/**
 * SR4IR without turns, which the paper argues against: all of its losses at once, by one backward
 * pass into both networks.
 *
 * Nothing stands still or is cut off: the task's losses on S's images and on mixtures reach S, and
 * the perceptual loss reaches T, on both sides of the comparison.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageBatch } from "../../data/batches.ts";
import { lowResolution } from "../../data/degradation.ts";
import { meanAbsoluteError } from "../../nn/losses.ts";
import { cqmix, enlargeMask } from "../cqmix.ts";
import { dropInput, lossStep, required, type Setup, type Step } from "../recipe.ts";
import { featureDistance } from "../tdp.ts";
import { type Losses, update } from "../trainee.ts";
import { viewLosses } from "./view_losses.ts";

/** Trains S and T at once. */
export function sr4irJoint<B extends ImageBatch>(setup: Setup<B>): Step<B> {
  const { T, scale, degradation, weights, criterion, cells } = setup;
  const S = required(setup.S);
  const moveBoth = (tdp: boolean) =>
    lossStep(setup, ([images, numbersS, numbersT, mask, drops], iteration, targets) => {
      const hr = images as tf.Tensor4D; // [B, H, W, 3]
      const [, H, W] = hr.shape;
      const lr = lowResolution(hr, scale, degradation); // [B, h, w, 3]
      const pixels = enlargeMask(mask as tf.Tensor4D, [H, W]); // [B, H, W, 1]
      return update([[S, numbersS as tf.Tensor1D], [T, numbersT as tf.Tensor1D]], () => {
        const sr = S.net(lr, drops as tf.Tensor2D | undefined); // [B, H, W, 3], not clamped
        const onS: Losses = { pixel: tf.mul(weights.pixel, meanAbsoluteError(sr, hr)) };
        if (tdp) {
          const [seen, wanted] = [sr, hr].map((x) => T.net.features(x, iteration.batch.sizes));
          const distance = featureDistance(seen, wanted, T.net.featureWeights, { criterion });
          onS.tdp = tf.mul(weights.tdp, distance);
        }
        const onT = viewLosses(setup, { sr, hr, cqmix: cqmix(sr, hr, pixels) }, iteration, targets);
        return { ...onS, ...onT };
      });
    });
  const [warmUp, withTdp] = [moveBoth(false), moveBoth(true)];
  return ({ batch, numbers, tdp, chance }) =>
    tf.tidy(() => {
      const [B] = batch.images.shape;
      const mask = tf.tensor4d(chance.mask(B, cells), [B, cells, cells, 1]);
      const drops = dropInput(S, B, "phase 1", chance);
      const move = tdp && weights.tdp > 0 ? withTdp : warmUp;
      return move([batch.images, numbers.S, numbers.T, mask, ...drops], { batch, chance });
    });
}
