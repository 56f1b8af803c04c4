/**
 * Gradient of max pooling; the wasm backend's own kernel answers wrongly, without an error.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelArguments } from "./geometry.ts";

/**
 * Kernel MaxPoolGrad: each window gives its gradient to its largest cell, the first one of equals.
 *
 * @returns [B, H, W, C]
 */
export function maxPoolGradient({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [input, dy] = [inputs.input as tf.Tensor4D, inputs.dy as tf.Tensor4D];
  const { filterSize, strides, pad, dimRoundingMode } = (attrs ?? {}) as unknown as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: "same" | "valid" | number;
    dimRoundingMode?: "floor" | "round" | "ceil";
  };
  const info = tf.backend_util.computePool2DInfo(
    input.shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const [B, H, W, C] = input.shape;
  const { outHeight, outWidth, padInfo: { top, left } } = info;
  const x = input.dataSync<"float32">();
  const gradient = dy.dataSync<"float32">();
  const dx = new Float32Array(x.length);
  const best = new Int32Array(C);
  for (let b = 0, from = 0; b < B; b++) {
    for (let row = 0; row < outHeight; row++) {
      const [y0, y1] = range(row * info.strideHeight - top, info.filterHeight, H);
      for (let column = 0; column < outWidth; column++, from += C) {
        const [x0, x1] = range(column * info.strideWidth - left, info.filterWidth, W);
        best.fill(-1);
        for (let h = y0; h < y1; h++) {
          for (let cell = ((b * H + h) * W + x0) * C, w = x0; w < x1; w++, cell += C) {
            for (let c = 0; c < C; c++) {
              if (best[c] < 0 || x[cell + c] > x[best[c]]) best[c] = cell + c;
            }
          }
        }
        for (let c = 0; c < C; c++) if (best[c] >= 0) dx[best[c]] += gradient[from + c];
      }
    }
  }
  return tf.tensor(dx, input.shape);
}

/** The part of a window that lies inside the image: first cell, and the one after the last. */
function range(start: number, size: number, limit: number): [number, number] {
  return [Math.max(0, start), Math.min(limit, start + size)];
}
