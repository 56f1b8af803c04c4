/**
 * How a parameter lies in memory (TensorFlow, NHWC) and in files (PyTorch, NCHW).
 *
 * @module
 */

/**
 * - `same`: vectors and scalars.
 * - `conv`: [out, in, k, k] in files, [k, k, in, out] in memory.
 * - `depthwise`: [C, 1, k, k] in files, [k, k, C, 1] in memory.
 * - `linear`: [out, in] in files, [in, out] in memory.
 * - `flatten`: a linear layer behind flattened maps of C channels, H·W cells: PyTorch flattens
 *   (c, y, x), NHWC flattens (y, x, c).
 * - `shuffle`: a convolution (or its bias) in front of a pixel shuffle by r: PyTorch orders its
 *   output channels c·r² + i·r + j, TensorFlow (i·r + j)·C + c.
 */
export type Layout =
  | "same"
  | "conv"
  | "depthwise"
  | "linear"
  | { flatten: { channels: number } }
  | { shuffle: number };

/** The shape in memory of a parameter with PyTorch's `shape`. */
export function inMemoryShape(shape: readonly number[], layout: Layout): number[] {
  if (layout === "same") return [...shape];
  if (layout === "conv") return [shape[2], shape[3], shape[1], shape[0]];
  if (layout === "depthwise") return [shape[2], shape[3], shape[0], 1];
  if (layout === "linear" || "flatten" in layout) return [shape[1], shape[0]];
  return shape.length === 1 ? [...shape] : [shape[2], shape[3], shape[1], shape[0]];
}

/** Values in memory order from values in PyTorch's order. */
export function fromTorch(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  if (layout === "same") return values;
  const result = new Float32Array(values.length);
  forEachPlace(shape, layout, (torch, memory) => result[memory] = values[torch]);
  return result;
}

/** Values in PyTorch's order from values in memory order; always a copy. */
export function toTorch(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  if (layout === "same") return values.slice();
  const result = new Float32Array(values.length);
  forEachPlace(shape, layout, (torch, memory) => result[torch] = values[memory]);
  return result;
}

/** Calls back with the flat index of every element in PyTorch's and in memory order. */
function forEachPlace(
  shape: readonly number[],
  layout: Exclude<Layout, "same">,
  visit: (torch: number, memory: number) => void,
): void {
  const [out, inner = 1, kh = 1, kw = 1] = shape;
  const outPlace = outputPlace(out, layout);
  const inPlace = inputPlace(inner, layout);
  const depthwise = layout === "depthwise";
  let torch = 0;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inner; i++) {
      for (let y = 0; y < kh; y++) {
        for (let x = 0; x < kw; x++) {
          const cell = y * kw + x;
          const memory = depthwise
            ? cell * out + o
            : (cell * inner + inPlace(i)) * out + outPlace(o);
          visit(torch++, memory);
        }
      }
    }
  }
}

function outputPlace(out: number, layout: Exclude<Layout, "same">): (o: number) => number {
  if (typeof layout === "string" || !("shuffle" in layout)) return (o) => o;
  const square = layout.shuffle ** 2;
  return (o) => (o % square) * (out / square) + Math.floor(o / square);
}

function inputPlace(inner: number, layout: Exclude<Layout, "same">): (i: number) => number {
  if (typeof layout === "string" || !("flatten" in layout)) return (i) => i;
  const { channels } = layout.flatten;
  const cells = inner / channels;
  return (i) => (i % cells) * channels + Math.floor(i / cells);
}
