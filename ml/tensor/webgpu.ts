/**
 * Any GPU without CUDA: tfjs on Deno's own WebGPU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { findGpuAdapter } from "./gpu_adapter.ts";

/**
 * Starts the backend on the machine's GPU.
 *
 * Deno's WebGPU hands values out asynchronously only, so whatever reads a tensor in the middle of a
 * step fails here: super-resolution networks train, two-stage detectors (which look at their own
 * proposals) do not.
 *
 * @throws {Error} if there is no GPU
 */
export async function startWebGpuBackend(): Promise<void> {
  if (await findGpuAdapter() === undefined) {
    throw new Error(
      "Cannot start the webgpu backend: no GPU adapter is there; " +
        "install a Vulkan driver for the GPU, or use tensorflow or wasm",
    );
  }
  await import("@tensorflow/tfjs-layers"); // registers the gradients of tfjs's operations
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  if (!await tf.setBackend("webgpu")) {
    throw new Error("Cannot start the webgpu backend: the GPU refused a device");
  }
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) throw new TypeError("Cannot find the webgpu backend");
  backend.readSync = (dataId) => {
    // Values that have never left the processor are at hand.
    const values = backend.tensorMap.get(dataId)?.values;
    if (values instanceof Float32Array || values instanceof Int32Array) return values;
    throw new Error(
      "Cannot read a tensor in the middle of a step on webgpu: Deno's WebGPU reads asynchronously " +
        "only; use tensorflow or wasm for this",
    );
  };
}
