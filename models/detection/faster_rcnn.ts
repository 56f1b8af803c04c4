/**
 * Faster R-CNN on MobileNetV3-Large with a feature pyramid, as SR4IR uses it.
 *
 * Ren et al., "Faster R-CNN", NeurIPS 2015. 19,027,604 parameters for 21 classes, of which the first
 * 58,896 stay fixed; named as in torchvision. Its two map levels both have stride 32, and regions are
 * pooled from the first only. Unlike torchvision's, proposals below a score of 0.05 are dropped in
 * training too, and sizes are rounded in float32 (see the input transform).
 *
 * @module
 */
import { z } from "zod";
import type { Params } from "../../ml/nn/params.ts";
import { CHANNELS, mobileNetV3Body } from "../backbones/mobilenet_v3.ts";
import { featurePyramid } from "./parts/fpn.ts";
import { inputTransform } from "./parts/input_transform.ts";
import { boxOptions, proposalOptions } from "./parts/options.ts";
import { roiHeads } from "./parts/roi_heads.ts";
import { regionProposals } from "./parts/rpn.ts";
import { type TwoStageDetector, twoStageDetector } from "./parts/two_stage.ts";

/** What a person may choose; words and defaults are torchvision's. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(21)
    .describe("Classes, background included; training takes it from the dataset"),
  min_size: z.int().positive().default(800).describe("Short side that images are resized to"),
  max_size: z.int().positive().default(1333).describe("Limit of the long side, pixels"),
  size_rounding: z.enum(["float32", "float64"]).default("float32")
    .describe("float32: 375x500 becomes 799x1066, as published; float64: 800x1066"),
  frozen_norm_eps: z.number().positive().default(1e-5)
    .describe("Of the body's fixed statistics: 1e-5 as published; ImageNet's weights know 1e-3"),
  rpn_pre_nms_top_n_train: z.int().positive().default(2000),
  rpn_pre_nms_top_n_test: z.int().positive().default(1000),
  rpn_post_nms_top_n_train: z.int().positive().default(2000),
  rpn_post_nms_top_n_test: z.int().positive().default(1000),
  rpn_nms_thresh: z.number().min(0).max(1).default(0.7),
  rpn_fg_iou_thresh: z.number().min(0).max(1).default(0.7),
  rpn_bg_iou_thresh: z.number().min(0).max(1).default(0.3),
  rpn_batch_size_per_image: z.int().positive().default(256),
  rpn_positive_fraction: z.number().min(0).max(1).default(0.5),
  rpn_score_thresh: z.number().min(0).max(1).default(0.05),
  box_score_thresh: z.number().min(0).max(1).default(0.05),
  box_nms_thresh: z.number().min(0).max(1).default(0.5),
  box_detections_per_img: z.int().positive().default(100),
  box_fg_iou_thresh: z.number().min(0).max(1).default(0.5),
  box_batch_size_per_image: z.int().positive().default(512),
  box_positive_fraction: z.number().min(0).max(1).default(0.25),
});

/** Parsed {@link options}, and what the dataset says: the number of classes with background. */
export type Options = z.infer<typeof options> & { num_classes: number };

/** Channels of the pyramid. */
const PYRAMID = 256;

/** Parts of the body that are not trained: up to the end of its third stage. */
const FROZEN_PARTS = 7;

/**
 * Pixels of a batch above which the body's inner maps are made again for the gradient. Keeping them
 * takes 1.3 KB per pixel forward and as much backward: sixteen photographs at 800x1066 need 35 GB.
 */
const LARGE_BATCH = 2e6;

/** The body's parts that the pyramid stands on, both at stride 32. */
const LEVELS = [13, 16];

/**
 * Declares the detector.
 *
 * @returns a detector whose features are the pyramid's maps `0` and `1`, [B, Hp/32, Wp/32, 256]
 */
export function build(p: Params, options: Options): TwoStageDetector {
  const body = mobileNetV3Body(p.at("backbone.body"), {
    norm: { frozen: { eps: options.frozen_norm_eps } },
    frozenParts: FROZEN_PARTS,
  });
  const pyramid = featurePyramid(p.at("backbone.fpn"), LEVELS.map((i) => CHANNELS[i]), PYRAMID);

  return twoStageDetector({
    transform: inputTransform({
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      resize: options,
      divisor: 32,
    }),
    backbone(images, purpose) {
      const [B, H, W] = images.shape;
      const large = B * H * W > LARGE_BATCH;
      const memory = !large ? "all" : purpose === "train" ? "trained" : "input";
      const outputs = body(images, "eval", memory);
      const [first, second] = LEVELS.map((i) => outputs[i]);
      const [a, b, pool] = pyramid([first, second]);
      return { body: { 0: first, 1: second }, maps: { 0: a, 1: b, pool } };
    },
    rpn: regionProposals(p.at("rpn"), {
      channels: PYRAMID,
      anchors: {
        sizes: [32, 64, 128, 256, 512],
        aspect_ratios: [0.5, 1, 2],
        rounded: true,
      },
      ...proposalOptions(options),
    }),
    roiHeads: roiHeads(p.at("roi_heads"), {
      ...boxOptions(options),
      channels: PYRAMID,
      pool: 7,
      hidden: 1024,
    }),
    featureWeights: { 0: 0.5, 1: 0.5 },
  });
}
