/**
 * Gradient of the bilinear resize, half-pixel centres included.
 *
 * tfjs's kernel for TensorFlow drops `half_pixel_centers`, so its gradient is that of another resize;
 * its other backends have none or the same gap.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { boolAttribute, registerTensorFlowKernel } from "./raw_op.ts";

/** Registers the gradient and the kernel it uses. */
export function registerResizeBilinearGradient(): void {
  registerTensorFlowKernel(
    tf.ResizeBilinearGrad,
    ({ inputs, attrs, run }) =>
      run(tf.ResizeBilinearGrad, [
        boolAttribute("align_corners", attrs.alignCorners === true),
        boolAttribute("half_pixel_centers", attrs.halfPixelCenters === true),
      ], [inputs.dy, inputs.images]),
  );
  tf.registerGradient({
    kernelName: tf.ResizeBilinear,
    inputsToSave: ["images"],
    gradFunc: (dy, [images], attrs) => ({
      images: () =>
        tf.getBackend() === "tensorflow"
          ? tf.engine().runKernel(tf.ResizeBilinearGrad, { dy: dy as tf.Tensor, images }, attrs)
          : byMatrices(dy as tf.Tensor4D, images.shape, {
            alignCorners: attrs.alignCorners === true,
            halfPixelCenters: attrs.halfPixelCenters === true,
          }),
    }),
  });
}

/** How cells of two sizes relate. */
interface Coordinates {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

/** dx = Rowsᵀ · dy · Columns, with the matrices that resize rows and columns. */
function byMatrices(dy: tf.Tensor4D, shape: number[], coordinates: Coordinates): tf.Tensor {
  const [B, H, W, C] = dy.shape;
  const [, h, w] = shape;
  const rows = resizeMatrix(h, H, coordinates); // [H, h]
  const columns = resizeMatrix(w, W, coordinates); // [W, w]
  const tall = tf.matMul(rows, tf.reshape(dy, [B, H, W * C]), true); // [B, h, W·C]
  const wide = tf.matMul(columns, tf.reshape(tall, [B * h, W, C]), true); // [B·h, w, C]
  return tf.reshape(wide, [B, h, w, C]);
}

/** @returns [1, large, small], a row per result with the weights of its two neighbours */
function resizeMatrix(
  small: number,
  large: number,
  { alignCorners, halfPixelCenters }: Coordinates,
): tf.Tensor3D {
  const step = alignCorners && large > 1 ? (small - 1) / (large - 1) : small / large;
  const values = new Float32Array(large * small);
  for (let i = 0; i < large; i++) {
    const at = halfPixelCenters ? (i + 0.5) * step - 0.5 : i * step;
    const low = Math.floor(at);
    const share = at - low;
    values[i * small + Math.max(low, 0)] += 1 - share;
    values[i * small + Math.max(Math.min(low + 1, small - 1), 0)] += share;
  }
  return tf.tensor3d(values, [1, large, small]);
}
