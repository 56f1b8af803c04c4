/**
 * Kernels of normalising a batch by its own statistics, and of its gradient.
 *
 * @module
 */
import type { KernelCall } from "./raw_op.ts";
import {
  boolAttribute,
  floatAttribute,
  floatType,
  registerTensorFlowKernel,
  stringAttribute,
} from "./raw_op.ts";

/**
 * Name of the kernel, as TensorFlow calls it: x, weight, bias → the result, the batch's mean and
 * unbiased variance, and three tensors for {@link BATCH_NORM_GRADIENT}.
 */
export const BATCH_NORM = "FusedBatchNormV3";

/** dy, x, weight and what {@link BATCH_NORM} left for it → gradients of x, weight, bias. */
export const BATCH_NORM_GRADIENT = "FusedBatchNormGradV3";

/** Registers both where TensorFlow is. */
export function registerBatchNorm(): void {
  registerTensorFlowKernel(BATCH_NORM, (call) => {
    const { inputs: { x, weight, bias, empty }, runAll } = call;
    // Without earlier statistics the batch's are what comes out.
    return runAll(BATCH_NORM, attributes(call), [x, weight, bias, empty, empty], 6);
  });
  registerTensorFlowKernel(BATCH_NORM_GRADIENT, (call) => {
    const { inputs: { dy, x, weight, left1, left2, left3 }, runAll } = call;
    return runAll(BATCH_NORM_GRADIENT, attributes(call), [dy, x, weight, left1, left2, left3], 5);
  });
}

function attributes({ attrs }: KernelCall) {
  return [
    floatType("U"),
    floatAttribute("epsilon", Number(attrs.eps)),
    boolAttribute("is_training", true),
    stringAttribute("data_format", "NHWC"),
  ];
}
