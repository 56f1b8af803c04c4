/**
 * What of a network goes into a model: the part that is a function of the pictures alone.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Classifier, Segmenter, Size, SrNet } from "../../nn/contracts.ts";

/** [B, H, W, 3] in [0, 1] → named results. */
export type Outputs = (images: tf.Tensor4D) => Record<string, tf.Tensor>;

/** What is asked of a detector: its first stage. The rest chooses boxes, and its sizes vary. */
export interface DetectorParts {
  parts: {
    transform(images: tf.Tensor4D, sizes: readonly Size[]): { images: tf.Tensor4D };
    backbone(images: tf.Tensor4D, purpose: "look"): { maps: Record<string, tf.Tensor4D> };
    rpn: {
      head(maps: readonly tf.Tensor4D[]): {
        objectness: readonly tf.Tensor4D[];
        deltas: readonly tf.Tensor4D[];
      };
    };
  };
}

/**
 * The outputs of a super-resolution network: `output`, the picture, neither clamped nor quantised.
 */
export function srOutputs(net: SrNet): Outputs {
  return (images) => ({ output: net(images) });
}

/** `logits` [B, K], and the maps that the perceptual loss compares: `features.<name>`. */
export function classifierOutputs(net: Classifier): Outputs {
  return (images) => ({ logits: net.logits(images, "eval"), ...named(net.features(images)) });
}

/** `logits` [B, K, H, W] without the auxiliary head's, and `features.<name>`. */
export function segmenterOutputs(net: Segmenter): Outputs {
  return (images) => ({ logits: net.logits(images, "eval").out, ...named(net.features(images)) });
}

/**
 * `features.<name>` of each map that proposals come from, and what the proposal network says of it:
 * `objectness.<name>` logits [B, A, h, w] and `deltas.<name>` [B, 4·A, h, w].
 */
export function detectorOutputs({ parts }: DetectorParts): Outputs {
  return (images) => {
    const [B, H, W] = images.shape;
    const batch = parts.transform(images, Array<Size>(B).fill([H, W]));
    const { maps } = parts.backbone(batch.images, "look");
    const { objectness, deltas } = parts.rpn.head(Object.values(maps));
    const perMap = Object.keys(maps).flatMap((name, i) => [
      [`objectness.${name}`, objectness[i]],
      [`deltas.${name}`, deltas[i]],
    ]);
    return { ...named(maps), ...Object.fromEntries(perMap) };
  };
}

function named(maps: Record<string, tf.Tensor4D>): Record<string, tf.Tensor4D> {
  return Object.fromEntries(
    Object.entries(maps).map(([name, map]) => [`features.${name}`, map]),
  );
}

/** By the folder below `models` that a network's file is in. */
const OF_KIND: Record<string, (net: never) => Outputs> = {
  sr: srOutputs,
  classification: classifierOutputs,
  segmentation: segmenterOutputs,
  detection: detectorOutputs,
};

/** The kinds of networks that there are outputs for. */
export const KINDS: readonly string[] = Object.keys(OF_KIND);

/**
 * The outputs of a network.
 *
 * @param kind one of {@link KINDS}
 * @param network what a file of that folder builds
 */
export function networkOutputs(kind: string, network: unknown): Outputs {
  return OF_KIND[kind](network as never);
}
