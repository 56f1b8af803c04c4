/**
 * A light two-stage detector for small pictures: the same code as Faster R-CNN, with fewer channels,
 * one map of stride 4, small square anchors, and no resizing.
 *
 * 311,335 trained numbers for 9 classes; the statistics in its body are fixed. The body loads from the
 * pre-training classifier of `backbones/light.ts` by name.
 *
 * @module
 */
import { z } from "zod";
import type { Params } from "../../ml/nn/params.ts";
import { CHANNELS, lightBody, NORMALISATION, STRIDE } from "../backbones/light.ts";
import { inputTransform } from "./parts/input_transform.ts";
import { boxOptions, proposalOptions } from "./parts/options.ts";
import { roiHeads } from "./parts/roi_heads.ts";
import { regionProposals } from "./parts/rpn.ts";
import { type TwoStageDetector, twoStageDetector } from "./parts/two_stage.ts";

/** What a person may choose. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(9)
    .describe("Classes, background included; training takes it from the dataset"),
  anchor_sizes: z.array(z.number().positive()).min(1).default([19, 25])
    .describe("Sides of the square anchors, pixels"),
  rpn_pre_nms_top_n_train: z.int().positive().default(150),
  rpn_pre_nms_top_n_test: z.int().positive().default(100),
  rpn_post_nms_top_n_train: z.int().positive().default(40),
  rpn_post_nms_top_n_test: z.int().positive().default(30),
  rpn_nms_thresh: z.number().min(0).max(1).default(0.6),
  rpn_fg_iou_thresh: z.number().min(0).max(1).default(0.6),
  rpn_bg_iou_thresh: z.number().min(0).max(1).default(0.3),
  rpn_batch_size_per_image: z.int().positive().default(64),
  rpn_positive_fraction: z.number().min(0).max(1).default(0.5),
  rpn_score_thresh: z.number().min(0).max(1).default(0),
  box_score_thresh: z.number().min(0).max(1).default(0.05),
  box_nms_thresh: z.number().min(0).max(1).default(0.5),
  box_detections_per_img: z.int().positive().default(20),
  box_fg_iou_thresh: z.number().min(0).max(1).default(0.5),
  box_batch_size_per_image: z.int().positive().default(32),
  box_positive_fraction: z.number().min(0).max(1).default(0.25),
});

/** Parsed {@link options}, and what the dataset says: the number of classes with background. */
export type Options = z.infer<typeof options> & { num_classes: number };

/**
 * Declares the detector.
 *
 * @returns a detector whose feature is the body's last map, `body` [B, H/4, W/4, 64]
 */
export function build(p: Params, options: Options): TwoStageDetector {
  const body = lightBody(p.at("backbone.body"), "frozen");

  return twoStageDetector({
    transform: inputTransform({ ...NORMALISATION, divisor: STRIDE }),
    backbone(images) {
      const map = body(images, "eval"); // [B, H/4, W/4, 64]
      return { body: { body: map }, maps: { body: map } };
    },
    rpn: regionProposals(p.at("rpn"), {
      channels: CHANNELS,
      anchors: { sizes: options.anchor_sizes, aspect_ratios: [1], rounded: false },
      ...proposalOptions(options),
    }),
    roiHeads: roiHeads(p.at("roi_heads"), {
      ...boxOptions(options),
      channels: CHANNELS,
      pool: 5,
      hidden: 128,
    }),
    featureWeights: { body: 1 },
  });
}
