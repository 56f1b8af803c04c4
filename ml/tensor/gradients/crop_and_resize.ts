/**
 * Gradient of CropAndResize with respect to the image (bilinear; boxes are constants).
 *
 * TensorFlow's kernel loses updates when it runs on several threads, unless
 * `TF_DETERMINISTIC_OPS=1` was set before the library was loaded.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, registerTensorFlowKernel, stringAttribute } from "./raw_op.ts";

const KERNEL = "CropAndResizeGradImage";

/** Registers the gradient and the kernel it uses. */
export function registerCropAndResizeGradient(): void {
  registerTensorFlowKernel(KERNEL, ({ inputs, attrs, run, ints }) => {
    const { dy, boxes, boxInd } = inputs;
    const method = stringAttribute("method", "bilinear");
    return run(KERNEL, [method], [dy, boxes, boxInd, ints(shapeOf(attrs.shape))]);
  });
  tf.registerGradient({
    kernelName: tf.CropAndResize,
    inputsToSave: ["image", "boxes", "boxInd"],
    gradFunc: (dy, [image, boxes, boxInd], { method }) => ({
      image: () => {
        if (method !== "bilinear") {
          throw new RangeError(`Cannot differentiate CropAndResize by "${method}": only bilinear`);
        }
        return cropGradient(dy as tf.Tensor4D, boxes, boxInd, image.shape);
      },
      boxes: () => tf.zerosLike(boxes),
      boxInd: () => tf.zerosLike(boxInd),
    }),
  });
}

function cropGradient(
  dy: tf.Tensor4D,
  boxes: tf.Tensor,
  boxInd: tf.Tensor,
  shape: number[],
): tf.Tensor {
  if (hasKernel(KERNEL)) {
    return tf.engine().runKernel(KERNEL, { dy, boxes, boxInd }, { shape });
  }
  const values = scatterCrops(
    dy.dataSync<"float32">(),
    dy.shape,
    boxes.dataSync<"float32">(),
    boxInd.dataSync<"int32">(),
    shape,
  );
  return tf.tensor(values, shape);
}

/**
 * Spreads each sample's gradient over the four cells it was read from.
 *
 * @param dy [R, h, w, C] of shape `crops`
 * @param boxes [R, 4] (y1, x1, y2, x2) as CropAndResize takes them
 * @param image [R]
 * @returns [B, H, W, C] of the given shape
 */
function scatterCrops(
  dy: Float32Array,
  crops: readonly number[],
  boxes: Float32Array,
  image: Int32Array,
  [B, H, W, C]: number[],
): Float32Array {
  const result = new Float32Array(B * H * W * C);
  const [R, h, w] = crops;
  for (let r = 0; r < R; r++) {
    const rows = samples(boxes[4 * r], boxes[4 * r + 2], h, H);
    const columns = samples(boxes[4 * r + 1], boxes[4 * r + 3], w, W);
    for (const { index: y, low: y0, high: y1, share: v } of rows) {
      for (const { index: x, low: x0, high: x1, share: u } of columns) {
        const from = ((r * h + y) * w + x) * C;
        const upper = (image[r] * H + y0) * W;
        const lower = (image[r] * H + y1) * W;
        for (let c = 0; c < C; c++) {
          const g = dy[from + c];
          result[(upper + x0) * C + c] += g * (1 - v) * (1 - u);
          result[(upper + x1) * C + c] += g * (1 - v) * u;
          result[(lower + x0) * C + c] += g * v * (1 - u);
          result[(lower + x1) * C + c] += g * v * u;
        }
      }
    }
  }
  return result;
}

/**
 * One axis's samples that lie inside the image: cell below, cell above, share of the upper one.
 *
 * Rounded to float32 after every operation, as the forward kernel does: a sample on the very edge
 * would else be inside for one and outside for the other.
 */
function samples(
  start: number,
  end: number,
  count: number,
  size: number,
): { index: number; low: number; high: number; share: number }[] {
  const { fround } = Math;
  const step = count > 1 ? fround(fround(fround(end - start) * (size - 1)) / (count - 1)) : 0;
  const first = fround((count > 1 ? start : fround(0.5 * fround(start + end))) * (size - 1));
  return Array.from({ length: count }, (_, index) => {
    const at = fround(first + fround(index * step));
    const low = Math.floor(at);
    return { index, at, low, high: Math.ceil(at), share: fround(at - low) };
  }).filter(({ at }) => at >= 0 && at <= size - 1);
}

function shapeOf(value: unknown): number[] {
  if (!Array.isArray(value)) throw new TypeError("Cannot read the image's shape");
  return value.map(Number);
}
