/**
 * Registers the kernels that training needs and the wasm backend lacks, or has slow or wrong.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { conv2dBackpropFilter, conv2dBackpropInput } from "./conv2d_gradients.ts";
import { depthwiseBackpropFilter, depthwiseBackpropInput } from "./depthwise_gradients.ts";
import type { KernelArguments } from "./geometry.ts";
import { maxPoolGradient } from "./max_pool_gradient.ts";
import { unsortedSegmentSum } from "./unsorted_segment_sum.ts";

const KERNELS: Record<string, (call: KernelArguments) => tf.TensorInfo> = {
  [tf.Conv2DBackpropFilter]: conv2dBackpropFilter,
  [tf.Conv2DBackpropInput]: conv2dBackpropInput,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseBackpropFilter,
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseBackpropInput,
  [tf.MaxPoolGrad]: maxPoolGradient,
  [tf.UnsortedSegmentSum]: unsortedSegmentSum,
};

/** Adds the kernels to the backend "wasm", in place of those of the same name. */
export function registerWasmKernels(): void {
  for (const [kernelName, kernelFunc] of Object.entries(KERNELS)) {
    if (tf.getKernel(kernelName, "wasm") !== undefined) tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
  }
}
