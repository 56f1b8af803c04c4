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
  lossStep,
  lossView,
  required,
  type Setup,
  type Step,
} from "../recipe.ts";
import { featureDistance } from "../tdp.ts";
import { type Losses, update } from "../trainee.ts";
import { viewer } from "./task_only.ts";

/** Trains S and T alternately. */
export function sr4ir<B extends ImageBatch>(setup: Setup<B>): Step<B> {
  const { T, scale, degradation, weights, cells, uniform } = setup;
  const S = required(setup.S);
  const state = () => [...S.state(), ...T.state()];

  // Phase 1: S follows the pixels and, once warmed up, what T sees in them. T stands still.
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
        const distance = featureDistance(seen, wanted, T.net.featureWeights);
        return { pixel, tdp: tf.mul(weights.tdp, distance) };
      });
      return tdp ? [losses.pixel, losses.tdp] : [losses.pixel];
    }, state);
  const [warmUp, withTdp] = [moveS(false), moveS(true)];

  // Phase 2: S is asked again, as phase 1 has just moved it, and stands still; it still drops.
  const superResolve = viewer({ S, scale, degradation, uniform }, "sr");
  const moveT = lossStep(setup, ([images, numbers, mask, ...drops], { batch, chance }, targets) => {
    const hr = images as tf.Tensor4D; // [B, H, W, 3]
    const [, H, W] = hr.shape;
    const sr = superResolve(hr, drops as tf.Tensor2D[]); // [B, H, W, 3], detached
    const mixed = cqmix(sr, hr, enlargeMask(mask as tf.Tensor4D, [H, W])); // [B, H, W, 3]
    return update([[T, numbers as tf.Tensor1D]], () => {
      const views = [
        lossView(sr, "sr", chance),
        lossView(hr, "hr", chance),
        lossView(mixed, "cqmix", chance),
      ];
      const [onSr, onHr, onMixed] = T.net.losses(views, batch, "train", targets);
      return {
        sr: tf.mul(weights.sr, onSr),
        hr: tf.mul(weights.hr, onHr),
        cqmix: tf.mul(weights.cqmix, onMixed),
      };
    });
  });

  return (iteration) =>
    tf.tidy(() => {
      const { batch: { images, sizes }, numbers, tdp, chance } = iteration;
      const [B] = images.shape;
      const move = tdp ? withTdp : warmUp;
      const [pixel, distance] = move(
        [images, numbers.S, ...dropInput(S, B, "phase 1", chance)],
        sizes,
      );
      const phase1 = tdp ? { pixel, tdp: distance } : { pixel };
      const mask = tf.tensor4d(chance.mask(B, cells), [B, cells, cells, 1]);
      const phase2 = moveT(
        [images, numbers.T, mask, ...dropInput(S, B, "phase 2", chance)],
        iteration,
      );
      return { ...phase1 as Losses, ...phase2 };
    });
}
