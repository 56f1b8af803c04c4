/**
 * The backend that works everywhere: tfjs's WebAssembly, with the kernels that training needs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { registerWasmKernels } from "./wasm/register.ts";

/** Loads the WebAssembly module and makes it the current backend. One thread, SIMD where there is. */
export async function startWasmBackend(): Promise<void> {
  await import("@tensorflow/tfjs-layers"); // registers the gradients of tfjs's operations
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Threads would need workers that read files and share memory; the sandbox of a stage has neither.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const main = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(fileURLToPath(new URL("./", main)));
  registerWasmKernels();
  if (!await tf.setBackend("wasm")) {
    throw new Error("Cannot start the wasm backend: this machine's WebAssembly refused the module");
  }
}
