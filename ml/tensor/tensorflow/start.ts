/**
 * Makes TensorFlow's C library a tfjs backend.
 *
 * tfjs-node's kernels are used as they are; only its Node addon is replaced by {@link Binding}.
 *
 * @module
 */
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { Binding } from "./binding.ts";
import { startTensorFlow } from "./context.ts";

/** Above tfjs's own backends (cpu 1, webgl 2), which its bundle registers along the way. */
const PRIORITY = 10;

let binding: Binding | undefined;

/** The binding of the running backend; undefined if another backend runs. */
export function currentBinding(): Binding | undefined {
  return binding;
}

/**
 * Loads the library, registers the backend "tensorflow" and makes it the current one.
 *
 * @param folder holds the shared libraries
 * @param threads inside one operation
 */
export async function startTensorFlowBackend(folder: string, threads: number): Promise<void> {
  restoreRemovedNodeFunctions();
  const made = new Binding(startTensorFlow(folder, threads));
  const { NodeJSKernelBackend } = await import(
    "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js"
  );
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  tf.registerBackend(
    "tensorflow",
    () => new NodeJSKernelBackend(made, "@tensorflow/tfjs-node"),
    PRIORITY,
  );
  if (!await tf.setBackend("tensorflow")) throw new Error("Cannot start tfjs on TensorFlow");
  binding = made;
}

/** tfjs-node calls functions that newer versions of node:util no longer have. */
function restoreRemovedNodeFunctions(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined ??= (x: unknown) => x === null || x === undefined;
  functions.isArray ??= Array.isArray;
}
