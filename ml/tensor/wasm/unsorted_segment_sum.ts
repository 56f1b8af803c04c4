/**
 * Sums rows by number: the gradient of every look-up (`gather`).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelArguments } from "./geometry.ts";

/**
 * Kernel UnsortedSegmentSum, on the processor: wasm's memory is at hand.
 *
 * @returns [numSegments, ...rest of x]; rows with a negative number are left out, as TensorFlow does
 * @throws {RangeError} if a number is not below `numSegments`
 */
export function unsortedSegmentSum({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [x, ids] = [inputs.x as tf.Tensor, inputs.segmentIds as tf.Tensor];
  const segments = Number(attrs?.numSegments);
  const rest = x.shape.slice(ids.rank);
  const width = rest.reduce((a, b) => a * b, 1);
  const values = x.dataSync<"float32">();
  const rows = ids.dataSync<"int32">();
  const sums = x.dtype === "int32"
    ? new Int32Array(segments * width)
    : new Float32Array(segments * width);
  rows.forEach((row, i) => {
    if (row < 0) return;
    if (row >= segments) {
      throw new RangeError(`Cannot add row ${i} to segment ${row}: there are ${segments}`);
    }
    for (let j = 0; j < width; j++) sums[row * width + j] += values[i * width + j];
  });
  return tf.tensor(sums, [segments, ...rest], x.dtype);
}
