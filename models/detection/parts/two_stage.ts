/**
 * A two-stage detector put together from its parts.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Detections, Detector, Size } from "../../../ml/nn/contracts.ts";
import { type InputTransform, resizeBoxes } from "./input_transform.ts";
import type { BoxesPerImage, RoiHeads } from "./roi_heads.ts";
import type { Rpn, RpnMaps, View } from "./rpn.ts";

/** What a backbone makes of a batch. */
export interface BackboneMaps {
  /** The body's own outputs, before anything is built on them. */
  body: Record<string, tf.Tensor4D>;
  /** What proposals come from, in this order; regions are pooled from the first. */
  maps: Record<string, tf.Tensor4D>;
}

/** What maps are made for: to train the detector, or to look at images with a detector that stands. */
export type Purpose = "train" | "look";

/** A detector's parts; tests look at what goes from one to the next. */
export interface Parts {
  transform: InputTransform;
  /** [B, Hp, Wp, 3] normalised → maps. Of a large batch gradients reach only what `purpose` says. */
  backbone: (images: tf.Tensor4D, purpose: Purpose) => BackboneMaps;
  rpn: Rpn;
  roiHeads: RoiHeads;
  /** The maps that the task-driven perceptual loss compares, and their weights. */
  featureWeights: Record<string, number>;
}

/** A detector that shows its parts. */
export interface TwoStageDetector extends Detector {
  parts: Parts;
}

/** Puts the parts together. */
export function twoStageDetector(parts: Parts): TwoStageDetector {
  const { transform, backbone, rpn, roiHeads, featureWeights } = parts;
  const resize = rememberResizedBoxes();

  const lossesOfViews: Detector["lossesOfViews"] = (views, sizes, targets) =>
    tf.tidy(() => {
      const repeated = <T>(list: readonly T[]) => views.flatMap(() => list);
      const all = views.length === 1 ? views[0].images : tf.concat(views.map((v) => v.images), 0);
      const { maps, answers, ...view } = look(parts, all, repeated(sizes), "train");
      const values = rpn.flatten(answers).dataSync<"float32">();
      const proposals = rpn.propose(values, view, "train");
      const objects = repeated(
        targets.map(({ boxes }, i) => resize(boxes, sizes[i], view.sizes[i])),
      );
      const labels = repeated(targets.map(({ labels }) => labels));
      const samplers = views.map(({ sampler }) => sampler);
      const found = roiHeads.losses(maps[0], proposals, view.sizes, objects, labels, samplers);
      const first = rpn.losses(answers, view, objects, samplers);
      return found.map((losses, i) => ({ ...losses, ...first[i] }));
    });

  return {
    parts,
    featureWeights,
    features: (images, sizes) =>
      tf.tidy(() => {
        const { maps } = backbone(transform(images, sizes).images, "look");
        return Object.fromEntries(Object.keys(featureWeights).map((name) => [name, maps[name]]));
      }),

    losses: (images, sizes, targets, sampler) =>
      lossesOfViews([{ images, sampler }], sizes, targets)[0],
    lossesOfViews,

    async detect(images, sizes) {
      let view: View = { padded: [0, 0], sizes: [], levels: [] };
      const [map, values] = tf.tidy(() => {
        const { maps, answers, ...rest } = look(parts, images, sizes, "look");
        view = rest;
        return [maps[0], rpn.flatten(answers)];
      });
      const proposals = rpn.propose(await values.data<"float32">(), view, "test");
      const found = await decide(roiHeads, map as tf.Tensor4D, proposals, view.sizes);
      tf.dispose([map, values]);
      return found.map((image, i) => ({
        ...image,
        boxes: resizeBoxes(image.boxes, view.sizes[i], sizes[i]),
      }));
    },
  };
}

/** Everything before proposals are chosen. */
function look(
  { transform, backbone, rpn }: Parts,
  images: tf.Tensor4D,
  sizes: readonly Size[],
  purpose: Purpose,
): View & { maps: tf.Tensor4D[]; answers: RpnMaps } {
  const batch = transform(images, sizes);
  const [, height, width] = batch.images.shape;
  const maps = Object.values(backbone(batch.images, purpose).maps);
  return {
    maps,
    answers: rpn.head(maps),
    padded: [height, width],
    sizes: batch.sizes,
    levels: maps.map(({ shape: [, height, width] }) => ({ height, width })),
  };
}

async function decide(
  roiHeads: RoiHeads,
  map: tf.Tensor4D,
  proposals: BoxesPerImage,
  sizes: readonly Size[],
): Promise<Detections[]> {
  if (proposals.every((boxes) => boxes.length === 0)) {
    return proposals.map((boxes) => ({
      boxes,
      scores: new Float32Array(0),
      labels: new Int32Array(0),
    }));
  }
  const { scores, deltas } = tf.tidy(() => roiHeads.predict(map, proposals, sizes));
  const found = roiHeads.decide(
    await scores.data<"float32">(),
    await deltas.data<"float32">(),
    proposals,
    sizes,
  );
  tf.dispose([scores, deltas]);
  return found;
}

/** Resizes boxes; the same array comes back for the same boxes, so that its match is remembered. */
function rememberResizedBoxes(): (boxes: Float32Array, from: Size, to: Size) => Float32Array {
  const known = new WeakMap<Float32Array, { key: string; resized: Float32Array }>();
  return (boxes, from, to) => {
    const key = `${from} ${to}`;
    const last = known.get(boxes);
    if (last?.key === key) return last.resized;
    const resized = resizeBoxes(boxes, from, to);
    known.set(boxes, { key, resized });
    return resized;
  };
}
