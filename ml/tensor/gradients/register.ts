/**
 * Registers every gradient that tfjs lacks or has wrong, once.
 *
 * @module
 */
import { registerBatchNorm } from "./batch_norm.ts";
import { registerBiasAdd } from "./bias_add.ts";
import { registerCropAndResizeGradient } from "./crop_and_resize.ts";
import { registerDepthToSpaceGradient } from "./depth_to_space.ts";
import { registerDilatedConvGradients } from "./dilated_conv2d.ts";
import { registerMirrorPadGradient } from "./mirror_pad.ts";
import { registerReluGradient } from "./relu.ts";
import { registerResizeBilinearGradient } from "./resize_bilinear.ts";

let registered = false;

/** Called by `startBackend` after the backend is there. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  registerBatchNorm();
  registerBiasAdd();
  registerCropAndResizeGradient();
  registerDepthToSpaceGradient();
  registerDilatedConvGradients();
  registerMirrorPadGradient();
  registerReluGradient();
  registerResizeBilinearGradient();
}
