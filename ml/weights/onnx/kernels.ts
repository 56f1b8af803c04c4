/**
 * tfjs's kernels in ONNX's operators (opset 18), one entry each.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Border, type Builder, type Fixed, same, type Value } from "./builder.ts";
import { elementwise, unary } from "./elementwise.ts";
import { convolution, matrixProduct } from "./products.ts";
import type { Call } from "./record.ts";

/** What a kernel is given: a value of the graph, or something that does not depend on the sample. */
export type Operand = { value: Value; fixed?: undefined } | { value?: undefined; fixed: Fixed };

/** A kernel to be translated. */
export interface Translation {
  builder: Builder;
  call: Call;
  operands: Operand[];
  /** Of each result: whether at most one other call reads it. */
  sole: boolean[];
}

/** Writes operators. @returns a value for each of the kernel's results */
export type Translate = (translation: Translation) => Value[];

/** An entry for kernels that look at one map or matrix. */
function of(
  translate: (value: Value, builder: Builder, call: Call, sole: boolean) => Value,
): Translate {
  return ({ builder, call, operands: [{ value }], sole: [sole] }) => {
    if (value === undefined) throw unknown(call, "its first input is a constant");
    return [translate(value, builder, call, sole)];
  };
}

/** By tfjs's names. */
export const KERNELS: Record<string, Translate> = {
  ...elementwise({
    [tf.Add]: "Add",
    BiasAdd: "Add",
    [tf.AddN]: "Add",
    [tf.Sub]: "Sub",
    [tf.Multiply]: "Mul",
    [tf.RealDiv]: "Div",
    [tf.Maximum]: "Max",
    [tf.Minimum]: "Min",
  }),
  ...unary({
    [tf.Relu]: "Relu",
    [tf.Erf]: "Erf",
    [tf.Exp]: "Exp",
    [tf.Sqrt]: "Sqrt",
    [tf.Sigmoid]: "Sigmoid",
    [tf.Tanh]: "Tanh",
    [tf.Abs]: "Abs",
    [tf.Neg]: "Neg",
    [tf.Reciprocal]: "Reciprocal",
    [tf.Identity]: "Identity",
    [tf.Square]: (b, x) => b.node("Mul", [x, x]),
    [tf.Rsqrt]: (b, x) => b.node("Reciprocal", [b.node("Sqrt", [x])]),
    [tf.Relu6]: (b, x) => b.node("Clip", [x, b.floats([0], []), b.floats([6], [])]),
    [tf.LeakyRelu]: (b, x, { alpha }) => b.node("LeakyRelu", [x], { alpha: number(alpha) }),
    [tf.ClipByValue]: (b, x, { clipValueMin, clipValueMax }) =>
      b.node("Clip", [
        x,
        b.floats([number(clipValueMin)], []),
        b.floats([number(clipValueMax)], []),
      ]),
  }),

  [tf.Conv2D]: convolution,
  [tf.DepthwiseConv2dNative]: convolution,
  [tf.BatchMatMul]: matrixProduct,

  [tf.Reshape]: ({ builder, call, operands: [{ value }], sole: [sole] }) => {
    if (value === undefined) throw unknown(call, "it reshapes a constant");
    return [builder.reshape(value, call.results[0], sole)];
  },
  [tf.ExpandDims]: of((x, b, { results }, sole) => b.reshape(x, results[0], sole)),

  [tf.Softmax]: of((x, b, { results }) => ({
    shape: results[0],
    plain: b.node("Softmax", [b.plain(x)], { axis: -1 }),
  })),

  [tf.Mean]: reduction("ReduceMean"),
  [tf.Sum]: reduction("ReduceSum"),
  [tf.Max]: reduction("ReduceMax"),

  [tf.MaxPool]: pooling("MaxPool"),
  [tf.AvgPool]: pooling("AveragePool"),

  [tf.PadV2]: of((x, b, call) => {
    const paddings = call.attributes.paddings as [number, number][];
    const fill = number(call.attributes.constantValue);
    const shape = call.results[0];
    if (x.shape.length === 4 && paddings[0].every(isZero) && paddings[3].every(isZero)) {
      const [, [top, bottom], [left, right]] = paddings;
      return { shape, border: { of: x, pads: [top, left, bottom, right], fill } };
    }
    const pads = b.ints([...paddings.map(([before]) => before), ...paddings.map(([, n]) => n)]);
    return { shape, plain: b.node("Pad", [b.plain(x), pads, b.floats([fill], [])]) };
  }),

  [tf.ResizeBilinear]: of((x, b, { attributes: { alignCorners, halfPixelCenters }, results }) => {
    const coordinates = alignCorners
      ? "align_corners"
      : halfPixelCenters
      ? "half_pixel"
      : "asymmetric";
    return resize(x, b, results[0], {
      mode: "linear",
      coordinate_transformation_mode: coordinates,
    });
  }),
  [tf.ResizeNearestNeighbor]: of((x, b, call) => {
    const { alignCorners, halfPixelCenters } = call.attributes;
    if (alignCorners || halfPixelCenters) throw unknown(call, "its corners are aligned");
    return resize(x, b, call.results[0], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  }),

  [tf.DepthToSpace]: of((x, b, { attributes, results }) => {
    const blocksize = number(attributes.blockSize);
    const mode = x.shuffled === blocksize ? "CRD" : "DCR";
    const { shuffled: _, ...map } = x;
    const source = b.nchw(mode === "CRD" ? map : x);
    return b.map(b.node("DepthToSpace", [source], { blocksize, mode }), results[0]);
  }),

  [tf.Concat]: ({ builder: b, call, operands }) => {
    const [shape] = call.results;
    const axis = number(call.attributes.axis);
    if (shape.length === 4 && operands.some(({ value }) => value?.nchw !== undefined)) {
      const names = operands.map(({ value, fixed }) =>
        value ? b.nchw(value) : b.fixed(fixed, nchwShape(fixed.shape), [0, 3, 1, 2])
      );
      return [b.map(b.node("Concat", names, { axis: channelsFirstAxis(axis) }), shape)];
    }
    const names = operands.map(({ value, fixed }) => value ? b.plain(value) : b.fixed(fixed));
    return [{ shape, plain: b.node("Concat", names, { axis }) }];
  },

  [tf.Slice]: of((x, b, { attributes, results }) => {
    const first = [attributes.begin].flat().map(number);
    return part(b, x, (axis) => first[axis] ?? 0, results[0]); // what is left out is 0
  }),

  [tf.SplitV]: ({ builder: b, call, operands: [{ value }] }) => {
    if (value === undefined) throw unknown(call, "it splits a constant");
    const along = number(call.attributes.axis);
    let first = 0;
    return call.results.map((shape) => {
      const begin = first;
      first += shape[along];
      return part(b, value, (axis) => axis === along ? begin : 0, shape);
    });
  },

  [tf.Transpose]: of((x, b, { attributes, results }) => ({
    shape: results[0],
    plain: b.node("Transpose", [b.plain(x)], { perm: attributes.perm as number[] }),
  })),

  [tf.GatherV2]: ({ builder: b, call, operands: [{ value }, { fixed: indices }] }) => {
    if (value === undefined || indices === undefined) throw unknown(call, "its places vary");
    const [shape] = call.results;
    const places = b.ints(Array.from(b.numbers(indices)), indices.shape);
    const axis = number(call.attributes.axis);
    return value.nchw !== undefined && indices.shape.length === 1
      ? [b.map(b.node("Gather", [value.nchw, places], { axis: channelsFirstAxis(axis) }), shape)]
      : [{ shape, plain: b.node("Gather", [b.plain(value), places], { axis }) }];
  },

  [tf.Unpack]: ({ builder: b, call, operands: [{ value }] }) => {
    if (value === undefined) throw unknown(call, "it unpacks a constant");
    const axis = number(call.attributes.axis);
    const whole = b.plain(value);
    return call.results.map((shape, i) => ({
      shape,
      plain: b.node("Gather", [whole, b.ints([i], [])], { axis }),
    }));
  },
};

/** A part of a value. @param begin where it starts, by axis */
function part(b: Builder, x: Value, begin: (axis: number) => number, shape: number[]): Value {
  if (same(shape, x.shape)) return x;
  const axes = shape.flatMap((size, axis) => size === x.shape[axis] ? [] : [axis]);
  const asMap = x.shape.length === 4 && x.nchw !== undefined;
  const name = b.node("Slice", [
    asMap ? b.nchw(x) : b.plain(x),
    b.ints(axes.map(begin)),
    b.ints(axes.map((axis) => begin(axis) + shape[axis])),
    b.ints(asMap ? axes.map(channelsFirstAxis) : axes),
  ]);
  return asMap ? b.map(name, shape) : { shape, plain: name };
}

function reduction(op: string): Translate {
  return of((x, b, { attributes, results }) => {
    const rank = x.shape.length;
    const axes = [attributes.axis ?? x.shape.map((_, axis) => axis)].flat()
      .map((axis) => (number(axis) + rank) % rank);
    const keepdims = results[0].length === rank ? 1 : 0;
    // Without its inner axes a map is [B, C] in either order.
    const inner = axes.length === 2 && axes.includes(1) && axes.includes(2);
    if (x.nchw !== undefined && (keepdims || inner)) {
      const name = b.node(op, [x.nchw, b.ints(axes.map(channelsFirstAxis))], { keepdims });
      return keepdims ? b.map(name, results[0]) : { shape: results[0], plain: name };
    }
    const name = b.node(op, [b.plain(x), b.ints(axes)], { keepdims });
    return { shape: results[0], plain: name };
  });
}

function pooling(op: string): Translate {
  return of((x, b, call) => {
    const { filterSize, strides, pad } = call.attributes;
    if (pad !== "valid" && pad !== 0) throw unknown(call, `its border is ${pad}`);
    // A border that never wins is what ONNX means by one.
    const bordered = op === "MaxPool" && x.border?.fill === Number.NEGATIVE_INFINITY;
    const pads: Border = bordered ? x.border!.pads : [0, 0, 0, 0];
    const name = b.node(op, [b.nchw(bordered ? x.border!.of : x)], {
      kernel_shape: pair(filterSize),
      strides: pair(strides),
      pads,
    });
    return b.map(name, call.results[0]);
  });
}

function resize(x: Value, b: Builder, shape: number[], how: Record<string, string>): Value {
  const map = b.nchw(x);
  const size = b.sizeOf([shape[1], shape[2]]);
  return b.map(b.node("Resize", [map, "", "", size], { ...how, axes: [2, 3] }), shape);
}

/** Where an axis of a map is when its channels come first. */
function channelsFirstAxis(axis: number): number {
  return [0, 2, 3, 1][axis];
}

function nchwShape([B, H, W, C]: readonly number[]): number[] {
  return [B, C, H, W];
}

function pair(value: unknown): number[] {
  return Array.isArray(value) ? value.map(number) : [number(value), number(value)];
}

function number(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`Cannot export: ${value} is no number`);
  return value;
}

function isZero(value: number): boolean {
  return value === 0;
}

/** A kernel in a form that no network here has. */
export function unknown({ kernel }: Call, why: string): TypeError {
  return new TypeError(`Cannot export: ${kernel} is not translated where ${why}`);
}
