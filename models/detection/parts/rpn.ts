/**
 * Region proposal network: which boxes may hold an object.
 *
 * Ren et al., "Faster R-CNN", NeurIPS 2015. Choosing proposals and matching work on plain arrays;
 * only the head and the losses are tensor code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Sampler, Size } from "../../../ml/nn/contracts.ts";
import { constant, normal } from "../../../ml/nn/init.ts";
import { conv2d } from "../../../ml/nn/layers.ts";
import { binaryCrossEntropy, smoothL1 } from "../../../ml/nn/losses.ts";
import type { Params } from "../../../ml/nn/params.ts";
import {
  type BoxWeights,
  clipBoxes,
  decodeBoxes,
  encodeBoxes,
  isAtLeast,
  takeBoxes,
} from "../../../ml/tensor/ops/boxes.ts";
import { nms } from "../../../ml/tensor/ops/nms.ts";
import { highest } from "../../../ml/tensor/ops/order.ts";
import { type AnchorOptions, cachedAnchors, type Level } from "./anchors.ts";
import {
  type Candidates,
  candidatesOf,
  matchBoxes,
  type MatchOptions,
  sample,
  type SampleOptions,
} from "./matching.ts";

const WEIGHTS: BoxWeights = [1, 1, 1, 1];

/** Where smooth L1 turns into a line, in units of the weighted deltas. */
const BETA = 1 / 9;

/** A number for training and one for inference. */
export interface PerMode {
  train: number;
  test: number;
}

/** Options of {@link regionProposals}. */
export interface RpnOptions {
  /** Channels of the maps and of the head. */
  channels: number;
  anchors: AnchorOptions;
  match: MatchOptions;
  sample: SampleOptions;
  /** Proposals per map before suppression, and per image after it. */
  pre_nms_top_n: PerMode;
  post_nms_top_n: PerMode;
  nms_thresh: number;
  /** Proposals of a lower score are dropped, also in training. */
  score_thresh: number;
}

/** Proposals with a shorter side are dropped, pixels. */
const SMALLEST_SIDE = 1e-3;

/** What the head says of each map. */
export interface RpnMaps {
  /** [B, h, w, A] logits */
  objectness: tf.Tensor4D[];
  /** [B, h, w, A·4] */
  deltas: tf.Tensor4D[];
}

/** What is known of a batch besides its tensors. */
export interface View {
  /** Size of the padded batch. */
  padded: Size;
  /** The part of each image that counts. */
  sizes: readonly Size[];
  levels: readonly Level[];
}

/** The network's parts. */
export interface Rpn {
  /** One answer per map; the maps share the head. */
  head(maps: readonly tf.Tensor4D[]): RpnMaps;
  /** All of the head's numbers in one tensor, for {@link Rpn.propose}: reading once is cheap. */
  flatten(maps: RpnMaps): tf.Tensor1D;
  /**
   * Chooses proposals.
   *
   * @param values of {@link Rpn.flatten}
   * @returns per image N boxes, falling score
   */
  propose(values: Float32Array, view: View, mode: keyof PerMode): Float32Array[];
  /**
   * Losses of each group of images; a group is as many images as there are images per sampler.
   *
   * @param objects boxes of each image. Matching is remembered per array, so that several versions
   *   of one image share it: do not change them in place
   */
  losses(
    maps: RpnMaps,
    view: View,
    objects: readonly Float32Array[],
    samplers: readonly Sampler[],
  ): RpnLosses[];
}

/** What {@link Rpn.losses} gives. */
export interface RpnLosses {
  objectness: tf.Scalar;
  rpn_box_reg: tf.Scalar;
}

/** Declares `head.conv.0.0`, `head.cls_logits` and `head.bbox_pred`. */
export function regionProposals(p: Params, options: RpnOptions): Rpn {
  const { channels: C, anchors: anchorOptions } = options;
  const A = anchorOptions.sizes.length * anchorOptions.aspect_ratios.length;
  const init = { init: normal(0.01), biasInit: constant(0) };
  const conv = conv2d(p.at("head.conv.0.0"), C, C, 3, init);
  const classify = conv2d(p.at("head.cls_logits"), C, A, 1, init);
  const regress = conv2d(p.at("head.bbox_pred"), C, 4 * A, 1, init);
  const anchorsOf = cachedAnchors(anchorOptions);
  const match = rememberMatches(options.match);

  return {
    head(maps) {
      const hidden = maps.map((map) => tf.relu(conv(map)));
      return { objectness: hidden.map(classify), deltas: hidden.map(regress) };
    },
    flatten: ({ objectness, deltas }) =>
      tf.concat1d([...objectness, ...deltas].map((map) => tf.reshape(map, [-1]))),
    propose(values, view, mode) {
      const anchors = anchorsOf(view.levels, view.padded);
      const levels = readLevels(values, view, A);
      return view.sizes.map((size, image) =>
        proposeOne(levels, anchors, image, size, mode, options)
      );
    },
    losses(maps, view, objects, samplers) {
      const anchors = anchorsOf(view.levels, view.padded);
      const perGroup = objects.length / samplers.length;
      const chosen = objects.map((boxes, image) => {
        const { matches, candidates } = match(anchors, boxes);
        const sampler = samplers[Math.floor(image / perGroup)];
        const picked = sample(candidates, sampler, options.sample);
        return { image, boxes, matches, ...picked };
      });
      const answers = joinMaps(maps, objects.length);
      return samplers.map((_, group) =>
        lossesOf(answers, anchors, chosen.slice(group * perGroup, (group + 1) * perGroup))
      );
    },
  };
}

/** The numbers of one map: [B, n] and [B, n, 4]. */
interface LevelValues {
  anchors: number;
  objectness: Float32Array;
  deltas: Float32Array;
}

function readLevels(values: Float32Array, { levels, sizes }: View, A: number): LevelValues[] {
  const counts = levels.map(({ height, width }) => height * width * A);
  let at = 0;
  const take = (length: number) => values.subarray(at, at += length);
  const logits = counts.map((n) => take(sizes.length * n));
  return counts.map((n, level) => ({
    anchors: n,
    objectness: logits[level],
    deltas: take(sizes.length * n * 4),
  }));
}

function proposeOne(
  levels: readonly LevelValues[],
  anchors: Float32Array,
  image: number,
  size: Size,
  mode: keyof PerMode,
  options: RpnOptions,
): Float32Array {
  const boxes: number[] = [];
  const scores: number[] = [];
  const groups: number[] = [];
  const lowest = Math.fround(options.score_thresh);
  let first = 0; // anchor of the level
  levels.forEach(({ anchors: n, objectness, deltas }, level) => {
    const logits = objectness.subarray(image * n, (image + 1) * n);
    const best = highest(logits, options.pre_nms_top_n[mode]);
    const decoded = decodeBoxes(
      takeBoxes(deltas.subarray(image * n * 4, (image + 1) * n * 4), best),
      takeBoxes(anchors.subarray(first * 4, (first + n) * 4), best),
      WEIGHTS,
    );
    clipBoxes(decoded, size);
    best.forEach((anchor, i) => {
      const score = Math.fround(1 / (1 + Math.exp(-logits[anchor])));
      if (score < lowest || !isAtLeast(decoded, 4 * i, SMALLEST_SIDE)) return;
      for (let k = 0; k < 4; k++) boxes.push(decoded[4 * i + k]);
      scores.push(score);
      groups.push(level);
    });
    first += n;
  });
  const found = Float32Array.from(boxes);
  const kept = nms(found, Float32Array.from(scores), {
    threshold: options.nms_thresh,
    groups: Int32Array.from(groups),
    limit: options.post_nms_top_n[mode],
  });
  return takeBoxes(found, kept);
}

/** The answers of all maps, anchor by anchor. */
interface Answers {
  /** [B·N] */
  logits: tf.Tensor1D;
  /** [B·N, 4] */
  deltas: tf.Tensor2D;
}

function joinMaps({ objectness, deltas }: RpnMaps, B: number): Answers {
  return {
    logits: tf.reshape(joinLevels(objectness, B, 1), [-1]),
    deltas: tf.reshape(joinLevels(deltas, B, 4), [-1, 4]),
  };
}

/** Maps [B, h, w, A·C] of all levels → [B, N, C]. */
function joinLevels(maps: readonly tf.Tensor4D[], B: number, C: number): tf.Tensor {
  const flat = maps.map((map) => tf.reshape(map, [B, map.size / B / C, C]));
  return flat.length === 1 ? flat[0] : tf.concat(flat, 1);
}

/** One image's anchors in the loss. */
interface Chosen extends Candidates {
  /** Its place in the batch. */
  image: number;
  boxes: Float32Array;
  matches: Int32Array;
}

function lossesOf(
  { logits, deltas }: Answers,
  anchors: Float32Array,
  chosen: readonly Chosen[],
): RpnLosses {
  const n = anchors.length / 4;
  const rows = (part: keyof Candidates) =>
    chosen.flatMap((one) => Array.from(one[part], (i) => one.image * n + i));
  const [positive, negative] = [rows("positive"), rows("negative")];
  const count = positive.length + negative.length;
  const sampled: tf.Tensor1D = tf.gather(
    logits,
    tf.tensor1d([...positive, ...negative], "int32"),
  );
  const isObject = new Float32Array(count).fill(1, 0, positive.length);
  const wanted = chosen.flatMap(({ boxes, matches, positive }) => [
    ...encodeBoxes(
      takeBoxes(boxes, positive.map((i) => matches[i])),
      takeBoxes(anchors, positive),
      WEIGHTS,
    ),
  ]);
  return {
    objectness: binaryCrossEntropy(sampled, tf.tensor1d(isObject)),
    rpn_box_reg: regressionLoss(deltas, positive, wanted, count),
  };
}

/**
 * Smooth L1 of some rows, divided by the number of all sampled boxes. Without rows it is 0, and its
 * gradient is 0 rather than absent: weight decay and momentum still act on the layer.
 *
 * @param predicted [N, 4]
 */
export function regressionLoss(
  predicted: tf.Tensor2D,
  rows: readonly number[],
  wanted: readonly number[],
  count: number,
): tf.Scalar {
  const none = rows.length === 0;
  const chosen: tf.Tensor2D = tf.gather(predicted, tf.tensor1d(none ? [0] : [...rows], "int32"));
  const targets = tf.tensor2d(none ? [0, 0, 0, 0] : [...wanted], [none ? 1 : rows.length, 4]);
  return tf.mul(smoothL1(chosen, targets, BETA), none ? 0 : 1 / count);
}

/** Anchors and objects are the same for all views of a batch, so one match is kept per object array. */
function rememberMatches(options: MatchOptions): (
  anchors: Float32Array,
  objects: Float32Array,
) => { matches: Int32Array; candidates: Candidates } {
  interface Remembered {
    anchors: Float32Array;
    matches: Int32Array;
    candidates: Candidates;
  }
  const known = new WeakMap<Float32Array, Remembered>();
  return (anchors, objects) => {
    const last = known.get(objects);
    if (last?.anchors === anchors) return last;
    const matches = matchBoxes(anchors, objects, options);
    const found = { anchors, matches, candidates: candidatesOf(matches) };
    known.set(objects, found);
    return found;
  };
}
