/**
 * torchvision's words for a detector's options, taken to what the parts are built with.
 *
 * @module
 */
import type { RoiOptions } from "./roi_heads.ts";
import type { RpnOptions } from "./rpn.ts";

/** How proposals are made and sampled. */
export interface ProposalWords {
  rpn_pre_nms_top_n_train: number;
  rpn_pre_nms_top_n_test: number;
  rpn_post_nms_top_n_train: number;
  rpn_post_nms_top_n_test: number;
  rpn_nms_thresh: number;
  rpn_fg_iou_thresh: number;
  rpn_bg_iou_thresh: number;
  rpn_batch_size_per_image: number;
  rpn_positive_fraction: number;
  rpn_score_thresh: number;
}

/** How regions are sampled and decided. */
export interface BoxWords {
  num_classes: number;
  box_score_thresh: number;
  box_nms_thresh: number;
  box_detections_per_img: number;
  box_fg_iou_thresh: number;
  box_batch_size_per_image: number;
  box_positive_fraction: number;
}

/** What the words say of `regionProposals`; channels and anchors are the network's own. */
export function proposalOptions(words: ProposalWords): Omit<RpnOptions, "channels" | "anchors"> {
  return {
    match: {
      foreground: words.rpn_fg_iou_thresh,
      background: words.rpn_bg_iou_thresh,
      keepBest: true,
    },
    sample: {
      count: words.rpn_batch_size_per_image,
      positiveFraction: words.rpn_positive_fraction,
    },
    pre_nms_top_n: { train: words.rpn_pre_nms_top_n_train, test: words.rpn_pre_nms_top_n_test },
    post_nms_top_n: { train: words.rpn_post_nms_top_n_train, test: words.rpn_post_nms_top_n_test },
    nms_thresh: words.rpn_nms_thresh,
    score_thresh: words.rpn_score_thresh,
  };
}

/** What the words say of `roiHeads`; channels and sizes are the network's own. */
export function boxOptions(
  words: BoxWords,
): Omit<RoiOptions, "channels" | "pool" | "hidden"> {
  return {
    num_classes: words.num_classes,
    fg_iou: words.box_fg_iou_thresh,
    sample: {
      count: words.box_batch_size_per_image,
      positiveFraction: words.box_positive_fraction,
    },
    score_thresh: words.box_score_thresh,
    nms_thresh: words.box_nms_thresh,
    detections_per_img: words.box_detections_per_img,
  };
}
