/**
 * Chooses and starts the tensor backend of this process.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The backends, fastest first. */
export const BACKENDS = ["tensorflow", "webgpu", "wasm"] as const;

/** Name of a backend. */
export type BackendName = typeof BACKENDS[number];

/** Options of {@link startBackend}. */
export interface BackendOptions {
  /** Default: `SR4IR_BACKEND`, else tensorflow if `SR4IR_TENSORFLOW` is set, else wasm. */
  backend?: BackendName;
  /** Threads inside one operation (tensorflow). Default 1. */
  threads?: number;
}

let started: BackendName | undefined;

/**
 * Starts a backend and registers what tfjs lacks on it. Later calls in the same process return the
 * backend that runs.
 *
 * @throws {Error} if the backend is not to be had on this machine
 */
export async function startBackend(options: BackendOptions = {}): Promise<BackendName> {
  if (started !== undefined) return started;
  const name = options.backend ?? backendFromEnvironment();
  if (name === "tensorflow") {
    const { startTensorFlowBackend } = await import("./tensorflow/start.ts");
    await startTensorFlowBackend(tensorFlowFolder(), options.threads ?? 1);
  } else if (name === "webgpu") {
    const { startWebGpuBackend } = await import("./webgpu.ts");
    await startWebGpuBackend();
  } else {
    const { startWasmBackend } = await import("./wasm.ts");
    await startWasmBackend();
  }
  const { registerGradients } = await import("./gradients/register.ts");
  registerGradients();
  await tf.ready();
  started = name;
  return name;
}

function backendFromEnvironment(): BackendName {
  const wanted = Deno.env.get("SR4IR_BACKEND") ?? "auto";
  if (wanted === "auto") {
    return Deno.env.get("SR4IR_TENSORFLOW") === undefined ? "wasm" : "tensorflow";
  }
  const known = BACKENDS.find((name) => name === wanted);
  if (known === undefined) {
    throw new Error(
      `Cannot start the backend "${wanted}" (SR4IR_BACKEND): expected auto, ${BACKENDS.join(", ")}`,
    );
  }
  return known;
}

function tensorFlowFolder(): string {
  const folder = Deno.env.get("SR4IR_TENSORFLOW");
  if (folder === undefined) {
    throw new Error(
      "Cannot start tensorflow: SR4IR_TENSORFLOW does not say where the library lies; " +
        "running a pipeline fetches it, and `deno task doctor` shows the folder",
    );
  }
  return folder;
}
