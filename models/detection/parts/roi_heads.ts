/**
 * The second stage: what the proposals hold, and where exactly it is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Detections, Sampler, Size } from "../../../ml/nn/contracts.ts";
import { linear } from "../../../ml/nn/layers.ts";
import { softmaxCrossEntropy } from "../../../ml/nn/losses.ts";
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
import { roiAlign } from "../../../ml/tensor/ops/roi_align.ts";
import { candidatesOf, matchBoxes, sample, type SampleOptions } from "./matching.ts";
import { regressionLoss } from "./rpn.ts";

const WEIGHTS: BoxWeights = [10, 10, 5, 5];

/** Detections with a shorter side are dropped, pixels. */
const SMALLEST_SIDE = 1e-2;

/** Options of {@link roiHeads}. */
export interface RoiOptions {
  /** Classes, background included. */
  num_classes: number;
  /** Channels of the pooled map. */
  channels: number;
  /** Cells per side of a pooled region. */
  pool: number;
  /** Width of the two hidden layers. */
  hidden: number;
  /** From this IoU on a proposal stands for an object. */
  fg_iou: number;
  sample: SampleOptions;
  /** Detections need a higher score. */
  score_thresh: number;
  nms_thresh: number;
  /** Most detections per image. */
  detections_per_img: number;
}

/** Boxes of each image of a batch. */
export type BoxesPerImage = readonly Float32Array[];

/** The head's answers for R regions. */
export interface BoxHead {
  /** [R, hidden] */
  features: tf.Tensor2D;
  /** [R, K] */
  class_logits: tf.Tensor2D;
  /** [R, K·4] */
  box_regression: tf.Tensor2D;
}

/** The stage's parts. */
export interface RoiHeads {
  /**
   * Cuts regions out of a map.
   *
   * @param map [B, h, w, C]
   * @param sizes the part of each image that counts; they tell the map's scale
   * @returns [R, pool, pool, C]
   */
  pool(map: tf.Tensor4D, boxes: BoxesPerImage, sizes: readonly Size[]): tf.Tensor4D;
  /**
   * Looks at pooled regions.
   *
   * @param pooled [R, pool, pool, C]
   */
  head(pooled: tf.Tensor4D): BoxHead;
  /**
   * Losses of each group of images; a group is as many images as there are images per sampler.
   *
   * @param proposals of each image, as the objects in pixels of the batch
   * @param labels of the objects
   */
  losses(
    map: tf.Tensor4D,
    proposals: BoxesPerImage,
    sizes: readonly Size[],
    objects: BoxesPerImage,
    labels: readonly Int32Array[],
    samplers: readonly Sampler[],
  ): RoiLosses[];
  /** Class scores [R, K] and box deltas [R, K·4] of given proposals, for {@link RoiHeads.decide}. */
  predict(
    map: tf.Tensor4D,
    proposals: BoxesPerImage,
    sizes: readonly Size[],
  ): { scores: tf.Tensor2D; deltas: tf.Tensor2D };
  /** What is found; boxes in pixels of the batch. */
  decide(
    scores: Float32Array,
    deltas: Float32Array,
    proposals: BoxesPerImage,
    sizes: readonly Size[],
  ): Detections[];
}

/** What {@link RoiHeads.losses} gives. */
export interface RoiLosses {
  classifier: tf.Scalar;
  box_reg: tf.Scalar;
}

/** Declares `box_head.{fc6,fc7}` and `box_predictor.{cls_score,bbox_pred}`. */
export function roiHeads(p: Params, options: RoiOptions): RoiHeads {
  const { num_classes: K, channels, pool: side, hidden } = options;
  const fc6 = linear(p.at("box_head.fc6"), channels * side * side, hidden, {
    flattenedChannels: channels,
  });
  const fc7 = linear(p.at("box_head.fc7"), hidden, hidden);
  const classify = linear(p.at("box_predictor.cls_score"), hidden, K);
  const regress = linear(p.at("box_predictor.bbox_pred"), hidden, 4 * K);

  const pool: RoiHeads["pool"] = (map, boxes, sizes) => poolRegions(map, boxes, sizes, side);
  const head: RoiHeads["head"] = (pooled) => {
    const flat: tf.Tensor2D = tf.reshape(pooled, [pooled.shape[0], side * side * channels]);
    const features = tf.relu(fc7(tf.relu(fc6(flat)))); // [R, hidden]
    return { features, class_logits: classify(features), box_regression: regress(features) };
  };

  return {
    pool,
    head,
    losses(map, proposals, sizes, objects, labels, samplers) {
      const perGroup = proposals.length / samplers.length;
      const chosen = proposals.map((boxes, i) => {
        const sampler = samplers[Math.floor(i / perGroup)];
        return chooseRegions(boxes, objects[i], labels[i], sampler, options);
      });
      const answers = head(pool(map, chosen.map(({ boxes }) => boxes), sizes));
      let first = 0;
      return samplers.map((_, group) => {
        const images = chosen.slice(group * perGroup, (group + 1) * perGroup);
        const losses = lossesOf(answers, images, first, K);
        first += images.reduce((sum, { labels }) => sum + labels.length, 0);
        return losses;
      });
    },
    predict(map, proposals, sizes) {
      const { class_logits, box_regression } = head(pool(map, proposals, sizes));
      return { scores: tf.softmax(class_logits), deltas: box_regression };
    },
    decide(scores, deltas, proposals, sizes) {
      let first = 0;
      return proposals.map((boxes, i) => {
        const from = first;
        first += boxes.length / 4;
        return decideOne(
          scores.subarray(from * K, first * K),
          deltas.subarray(from * K * 4, first * K * 4),
          boxes,
          sizes[i],
          options,
        );
      });
    },
  };
}

/**
 * Pools boxes from a map whose scale is told by the sizes: the power of two nearest to
 * (map's height) / (tallest image), as torchvision infers it.
 *
 * torchvision would choose a map per box by its size; the detectors here have one scale, for which
 * that rule always answers the first map.
 */
export function poolRegions(
  map: tf.Tensor4D,
  boxes: BoxesPerImage,
  sizes: readonly Size[],
  side: number,
): tf.Tensor4D {
  const tallest = Math.max(...sizes.map(([height]) => height));
  const scale = 2 ** Math.round(Math.log2(map.shape[1] / tallest));
  const all = new Float32Array(boxes.reduce((sum, { length }) => sum + length, 0));
  const image = new Int32Array(all.length / 4);
  let at = 0;
  boxes.forEach((list, i) => {
    all.set(list, at);
    image.fill(i, at / 4, (at + list.length) / 4);
    at += list.length;
  });
  return roiAlign(map, { boxes: all, image }, { size: [side, side], scale, samplingRatio: 2 });
}

/** @param first row of the answers where these images begin */
function lossesOf(
  { class_logits, box_regression }: BoxHead,
  images: readonly Chosen[],
  first: number,
  K: number,
): RoiLosses {
  const labels = Int32Array.from(images.flatMap(({ labels }) => [...labels]));
  const R = labels.length;
  const rows: number[] = [];
  labels.forEach((label, r) => label > 0 && rows.push((first + r) * K + label));
  const wanted = images.flatMap(({ wanted }) => [...wanted]);
  const whole = R === class_logits.shape[0];
  const logits = whole ? class_logits : tf.slice(class_logits, [first, 0], [R, K]);
  const perClass: tf.Tensor2D = tf.reshape(box_regression, [-1, 4]);
  return {
    classifier: softmaxCrossEntropy(logits, tf.tensor1d(labels, "int32")),
    box_reg: regressionLoss(perClass, rows, wanted, R),
  };
}

/** The regions of one image that the losses look at. */
interface Chosen {
  boxes: Float32Array;
  /** Class of each box; 0 is background. */
  labels: Int32Array;
  /** What the head should answer for those that are objects, in the same order. */
  wanted: Float32Array;
}

/** Samples the regions of one image: objects first, then background. */
function chooseRegions(
  proposals: Float32Array,
  objects: Float32Array,
  labels: Int32Array,
  sampler: Sampler,
  { fg_iou, sample: sampleOptions }: RoiOptions,
): Chosen {
  const all = new Float32Array(proposals.length + objects.length);
  all.set(proposals);
  all.set(objects, proposals.length); // so that there are objects before proposals are any good
  const matches = matchBoxes(all, objects, {
    foreground: fg_iou,
    background: fg_iou,
    keepBest: false,
  });
  const { positive, negative } = sample(candidatesOf(matches), sampler, sampleOptions);
  const boxes = takeBoxes(all, Int32Array.of(...positive, ...negative));
  const matched = positive.map((i) => matches[i]);
  const labelsOfBoxes = new Int32Array(positive.length + negative.length);
  labelsOfBoxes.set(matched.map((object) => labels[object]));
  return {
    boxes,
    labels: labelsOfBoxes,
    wanted: encodeBoxes(takeBoxes(objects, matched), takeBoxes(all, positive), WEIGHTS),
  };
}

/** @param scores [N, K] @param deltas [N, K, 4] @param boxes [N] */
function decideOne(
  scores: Float32Array,
  deltas: Float32Array,
  boxes: Float32Array,
  size: Size,
  options: RoiOptions,
): Detections {
  const { num_classes: K, score_thresh, nms_thresh, detections_per_img } = options;
  const decoded = decodeBoxes(deltas, boxes, WEIGHTS); // [N, K] boxes
  clipBoxes(decoded, size);
  const lowest = Math.fround(score_thresh);
  const found: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    const isBackground = i % K === 0;
    if (isBackground || !(scores[i] > lowest)) continue;
    if (isAtLeast(decoded, 4 * i, SMALLEST_SIDE)) found.push(i);
  }
  const candidates = Int32Array.from(found);
  const candidateBoxes = takeBoxes(decoded, candidates);
  const candidateScores = Float32Array.from(found, (i) => scores[i]);
  const labels = candidates.map((i) => i % K);
  const kept = nms(candidateBoxes, candidateScores, {
    threshold: nms_thresh,
    groups: labels,
    limit: detections_per_img,
  });
  return {
    boxes: takeBoxes(candidateBoxes, kept),
    scores: Float32Array.from(kept, (i) => candidateScores[i]),
    labels: kept.map((i) => labels[i]),
  };
}
