/**
 * What a convolution kernel is told, read once, and the tensor moves its gradients are made of.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Inputs and attributes as tfjs hands them to a kernel. */
export interface KernelArguments {
  inputs: tf.NamedTensorInfoMap;
  attrs?: tf.NamedAttrMap | undefined;
}

/** A convolution's shapes; pairs are (vertical, horizontal). */
export interface Geometry {
  /** [B, H, W, C] */
  input: Shape4D;
  /** Height and width of the result. */
  output: [number, number];
  /** Height and width of the filter as written, without dilation. */
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  /** Zeros around the input: [top, bottom], [left, right]. */
  padding: [[number, number], [number, number]];
}

/** Four sizes. */
export type Shape4D = [number, number, number, number];

/**
 * Works out a convolution from the attributes of its gradient kernels.
 *
 * @param input [B, H, W, C]
 * @param filter [kh, kw, C, out], depthwise [kh, kw, C, multiplier]
 */
export function geometry(
  attrs: tf.NamedAttrMap | undefined,
  input: Shape4D,
  filter: Shape4D,
  depthwise: boolean,
): Geometry {
  const { strides, dilations, pad, dimRoundingMode } = (attrs ?? {}) as unknown as {
    strides: number | [number, number];
    dilations?: number | [number, number];
    pad: "same" | "valid" | number;
    dimRoundingMode?: "floor" | "round" | "ceil";
  };
  const info = tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const { top, bottom, left, right } = info.padInfo;
  return {
    input,
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    padding: [[top, bottom], [left, right]],
  };
}

/**
 * Pads an image so that a convolution without padding gives the same; crops what no filter reaches.
 *
 * @param x [B, H, W, C]
 * @returns [B, (oh-1)·stride + reach, (ow-1)·stride + reach, C]
 */
export function reached(x: tf.Tensor4D, g: Geometry): tf.Tensor4D {
  const [B, H, W, C] = g.input;
  const [[top, bottom], [left, right]] = g.padding;
  const padded = pad(x, [top, bottom], [left, right]);
  const [height, width] = [0, 1].map((axis) =>
    (g.output[axis] - 1) * g.stride[axis] + (g.kernel[axis] - 1) * g.dilation[axis] + 1
  );
  if (height === H + top + bottom && width === W + left + right) return padded;
  return tf.slice(padded, [0, 0, 0, 0], [B, height, width, C]);
}

/**
 * Spreads a result's gradient so that the gradient of the input is a plain convolution of it: zeros
 * between the cells of a strided one, and a border in which every filter fits.
 *
 * @param dy [B, oh, ow, C]
 * @returns [B, H + reach-1, W + reach-1, C]
 */
export function spread(dy: tf.Tensor4D, g: Geometry): tf.Tensor4D {
  const [B, oh, ow, C] = dy.shape;
  const [sh, sw] = g.stride;
  let x = dy;
  if (sh > 1 || sw > 1) {
    const cells = tf.pad(tf.reshape(dy, [B * oh, 1, ow, C]), [[0, 0], [0, sh - 1], [0, 0], [0, 0]]);
    const rows = tf.reshape(cells, [B * oh * sh, ow, 1, C]); // rows of zeros below each row
    const columns = tf.pad(rows, [[0, 0], [0, 0], [0, sw - 1], [0, 0]]);
    x = tf.slice(
      tf.reshape(columns, [B, oh * sh, ow * sw, C]),
      [0, 0, 0, 0],
      [B, (oh - 1) * sh + 1, (ow - 1) * sw + 1, C],
    ) as tf.Tensor4D;
  }
  const borders = [0, 1].map((axis): [number, number] => {
    const before = (g.kernel[axis] - 1) * g.dilation[axis] - g.padding[axis][0];
    const reach = g.input[axis + 1] + (g.kernel[axis] - 1) * g.dilation[axis];
    return [before, reach - x.shape[axis + 1] - before];
  });
  return pad(x, borders[0], borders[1]);
}

function pad(x: tf.Tensor4D, rows: [number, number], columns: [number, number]): tf.Tensor4D {
  if ([...rows, ...columns].every((n) => n === 0)) return x;
  return tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
}
