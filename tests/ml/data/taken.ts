/**
 * Takes batches out of a loader.
 *
 * @module
 */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** The first `count` batches, their images as eight-bit values; the tensors are disposed of. */
export async function take<T extends { images: tf.Tensor }>(
  batches: AsyncIterable<T>,
  count = Infinity,
): Promise<(T & { values: number[] })[]> {
  await tf.setBackend("wasm");
  const taken: (T & { values: number[] })[] = [];
  for await (const batch of batches) {
    taken.push({
      ...batch,
      values: [...await batch.images.data()].map((v) => Math.round(v * 255)),
    });
    batch.images.dispose();
    if (taken.length === count) break;
  }
  return taken;
}
