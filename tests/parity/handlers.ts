/**
 * Which file of a fixture set is compared by what: folder and beginning of the name decide.
 *
 * The first match counts. A file that matches nothing is a failure.
 *
 * @module
 */
import type { Handler } from "./harness.ts";

/** One line of the table. */
export interface Line {
  /** Tested on the path inside the set without its ending, e.g. `ops/roi_align`. */
  match: RegExp;
  /** The module whose default export compares such files; the tensor backend runs by then. */
  handler: () => Promise<{ default: Handler }>;
}

/** The table. */
export const handlers: Line[] = [
  { match: /^formula/, handler: () => import("./formula_handler.ts") },
  {
    match: /^ops\/(bicubic_down|bilinear_up|quantize|normalize)/,
    handler: () => import("./resampling.ts"),
  },
  {
    match: /^(ops\/losses|losses\/pixel|losses\/weighted)/,
    handler: () => import("./elementary_losses.ts"),
  },
  {
    match: /^(ops\/nearest_mask|losses\/cqmix|losses\/feature_containers)/,
    handler: () => import("./method.ts"),
  },
  { match: /^optim\/(steps|schedules)/, handler: () => import("./optimisation.ts") },
  { match: /^metrics\/accuracy/, handler: () => import("./accuracy.ts") },
  { match: /^metrics\/coco/, handler: () => import("./coco_evaluation.ts") },
  { match: /^metrics\/miou/, handler: () => import("./mean_iou.ts") },
  { match: /^metrics\/niqe/, handler: () => import("./niqe.ts") },
  { match: /^metrics\/ssim/, handler: () => import("./ssim.ts") },
  { match: /^metrics\/psnr/, handler: () => import("./image_quality.ts") },
  { match: /^convert\/voc2coco/, handler: () => import("./convert.ts") },
  { match: /^ops\/pad_batch/, handler: () => import("./pad_batch.ts") },
  {
    match: /^ops\/(conv|batchnorm|activations|pooling|pixel_shuffle)/,
    handler: () => import("./network_parts.ts"),
  },
  {
    match: /^ops\/(boxes|nms|anchors|det_transform|roi_align|multiscale_roi_align)/,
    handler: () => import("./detection_parts.ts"),
  },
  { match: /^networks\/deeplabv3/, handler: () => import("./deeplab_v3.ts") },
  { match: /^networks\/edsr/, handler: () => import("./edsr.ts") },
  { match: /^networks\/fasterrcnn/, handler: () => import("./faster_rcnn.ts") },
  { match: /^networks\/lpips/, handler: () => import("./lpips.ts") },
  { match: /^networks\/mobilenet_v3/, handler: () => import("./mobilenet_v3.ts") },
  { match: /^networks\/resnet/, handler: () => import("./resnet.ts") },
  { match: /^(networks\/swinir|ops\/layernorm)/, handler: () => import("./swinir.ts") },
  { match: /^losses\/auxce/, handler: () => import("./segmentation_loss.ts") },
  { match: /^losses\/task_driven/, handler: () => import("./task_driven.ts") },

  { match: /^training\/cls/, handler: () => import("./training_classification.ts") },
  { match: /^training\/det/, handler: () => import("./training_detection.ts") },
  { match: /^training\/seg/, handler: () => import("./training_segmentation.ts") },

  { match: /^checkpoints\/expected/, handler: () => import("./checkpoints.ts") },
];
