/**
 * Asks Deno's WebGPU for the machine's GPU.
 *
 * @module
 */

/** A GPU that WebGPU can use. */
export interface GpuAdapter {
  /** The driver's name of it. */
  name: string;
  /** A program that plays a GPU on the processor: right results, slowly. */
  software: boolean;
}

/** Looks for a GPU; undefined if there is none. Takes about 0.1 s. */
export async function findGpuAdapter(): Promise<GpuAdapter | undefined> {
  const adapter = await globalThis.navigator.gpu?.requestAdapter({
    powerPreference: "high-performance",
  });
  if (!adapter) return undefined;
  return { name: adapter.info.description, software: adapter.info.isFallbackAdapter };
}
