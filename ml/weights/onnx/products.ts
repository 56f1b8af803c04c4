/**
 * Convolutions and matrix products.
 *
 * @module
 */
import { type Border, type Builder, type Fixed, same, type Value } from "./builder.ts";
import { type Translate, unknown } from "./kernels.ts";
import type { Call } from "./record.ts";

/** Conv2D and DepthwiseConv2dNative; a filter is written as PyTorch has it. */
export const convolution: Translate = ({
  builder: b,
  call,
  operands: [{ value: x }, { fixed: filter }],
  sole: [sole],
}) => {
  if (x === undefined || filter === undefined) throw unknown(call, "its filter varies");
  const { strides, dilations } = call.attributes as Record<string, number | number[]>;
  const isDepthwise = call.kernel.startsWith("Depthwise");
  const [kh, kw, C] = filter.shape;
  const [step, spread] = [pair(strides), pair(dilations)];
  const bordered = call.attributes.pad === "valid" && x.border?.fill === 0;
  const pads = bordered ? x.border!.pads : padsOf(call, [kh, kw], step, spread);
  const name = b.node("Conv", [
    b.nchw(bordered ? x.border!.of : x),
    filterName(b, filter, isDepthwise),
  ], {
    strides: step,
    dilations: spread,
    pads,
    group: isDepthwise ? C : 1,
    kernel_shape: [kh, kw],
  });
  const shuffled = shuffleOf(filter);
  return [b.map(name, call.results[0], { sole, ...shuffled && { shuffled } })];
};

/** A product with a matrix of weights, or of two values. */
export const matrixProduct: Translate = ({
  builder: b,
  call,
  operands: [left, right],
  sole: [sole],
}) => {
  const [shape] = call.results;
  const { transposeA, transposeB } = call.attributes;
  if (left.value && right.fixed && !transposeA && !transposeB) {
    const product = weighed(b, left.value, right.fixed, shape, sole);
    if (product !== undefined) return [product];
  }
  const side = ({ value, fixed }: typeof left, transpose: unknown) => {
    const name = value ? b.plain(value) : b.fixed(fixed);
    if (!transpose) return name;
    const rank = (value ?? fixed).shape.length;
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    [perm[rank - 1], perm[rank - 2]] = [rank - 2, rank - 1];
    return b.node("Transpose", [name], { perm });
  };
  return [{
    shape,
    plain: b.node("MatMul", [side(left, transposeA), side(right, transposeB)]),
    sole,
  }];
};

function weighed(
  b: Builder,
  x: Value,
  matrix: Fixed,
  shape: number[],
  sole: boolean,
): Value | undefined {
  const map = x.plain === undefined ? x.view : undefined;
  const [from, to] = matrix.shape;
  // Every cell of a map by itself: that is a convolution of 1x1.
  if (map?.nchw !== undefined && same([from], map.shape.slice(3))) {
    const filter = matrix.kind === "parameter" && matrix.parameter.layout === "conv"
      ? b.weight(matrix)
      : b.fixed(matrix, [to, from, 1, 1], [1, 0]);
    const attributes = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
    const name = b.node("Conv", [map.nchw, filter], { ...attributes, kernel_shape: [1, 1] });
    const view = b.map(name, [...map.shape.slice(0, 3), to], { sole });
    return { shape, view, sole };
  }
  if (matrix.kind !== "parameter" || matrix.shape.length !== 2) return undefined;
  const { layout } = matrix.parameter;
  if (layout === "linear" && x.shape.length === 2) {
    const plain = b.node("Gemm", [b.plain(x), b.weight(matrix)], { transB: 1 });
    return { shape, plain, sole };
  }
  // PyTorch flattens maps channels first, and so its matrix can be used as it is.
  const isFlat = typeof layout === "object" && "flatten" in layout &&
    map?.shape[0] === x.shape[0] && map.shape[3] === layout.flatten.channels;
  if (isFlat) {
    const flat = b.node("Flatten", [b.nchw(map)], { axis: 1 });
    return { shape, plain: b.node("Gemm", [flat, b.weight(matrix)], { transB: 1 }), sole };
  }
  return undefined;
}

/** A filter [out, in, k, k]. */
function filterName(b: Builder, filter: Fixed, isDepthwise: boolean): string {
  if (filter.kind === "parameter") return b.weight(filter);
  const [kh, kw, C, out] = filter.shape;
  // Of a depthwise one [k, k, C, 1] the channels are groups: [C, 1, k, k].
  return isDepthwise
    ? b.fixed(filter, [C, 1, kh, kw], [2, 3, 0, 1])
    : b.fixed(filter, [out, C, kh, kw], [3, 2, 0, 1]);
}

function padsOf(
  call: Call,
  sides: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Border {
  const { pad } = call.attributes;
  if (pad === "valid" || pad === 0) return [0, 0, 0, 0];
  if (pad !== "same" || strides.some((stride) => stride !== 1)) {
    throw unknown(call, `its border is ${pad} at the strides ${strides}`);
  }
  const [h, w] = sides.map((side, axis) => (side - 1) * dilations[axis]);
  return [h >> 1, w >> 1, h - (h >> 1), w - (w >> 1)];
}

function shuffleOf(filter: Fixed): number | undefined {
  if (filter.kind !== "parameter") return undefined;
  const { layout } = filter.parameter;
  return typeof layout === "object" && "shuffle" in layout ? layout.shuffle : undefined;
}

function pair(value: number | number[]): number[] {
  return Array.isArray(value) ? value : [value, value];
}
