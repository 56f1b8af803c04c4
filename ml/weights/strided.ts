/**
 * Tensors that lie in a storage with an offset and strides, as views do.
 *
 * @module
 */
import { type DType, sizeOf } from "./dtypes.ts";

/** Bytes that are read at once to pick elements from. */
const WINDOW = 2 ** 24;

/** Most dimensions; PyTorch's own limit. */
export const MAX_DIMENSIONS = 64;

/** So many bytes a view may have that repeats elements (stride 0), however small its storage is. */
const MAX_REPEATED = 2 ** 26;

/** Bytes that are read in parts. */
export interface Bytes {
  read(offset: number, size: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** How a tensor lies in its storage; all in elements. */
export interface View {
  offset: number;
  shape: number[];
  stride: number[];
}

/**
 * What is wrong with a view of a storage of so many elements; undefined if nothing is.
 *
 * Everything is a safe integer if nothing is wrong.
 */
export function viewProblem(
  { offset, shape, stride }: View,
  elements: number,
  dtype: DType,
): string | undefined {
  if (shape.length > MAX_DIMENSIONS) return `has ${shape.length} dimensions`;
  if (stride.length !== shape.length) {
    return `has ${shape.length} dimensions, but ${stride.length} strides`;
  }
  if (![offset, ...shape, ...stride].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    return `has a size, stride or offset that is no natural number`;
  }
  const count = countOf(shape);
  if (count === 0) return undefined;
  const last = shape.reduce((sum, n, i) => sum + (n - 1) * stride[i], offset);
  if (!(last < elements)) {
    return `reaches to element ${last}, but its storage has ${elements}`;
  }
  const bytes = count * sizeOf(dtype);
  if (bytes > Math.max(elements * sizeOf(dtype), MAX_REPEATED)) {
    return `would take ${bytes} bytes, but its storage has ${elements * sizeOf(dtype)}`;
  }
  if ((last + 1 - offset) * sizeOf(dtype) > WINDOW && interleaves(shape, stride)) {
    return `has strides [${stride}] that overlap`;
  }
  return undefined;
}

/**
 * Whether steps of one dimension fall between those of another, which no slice or transposition
 * makes. Windows on such a view would overlap, and reading take far longer than the file is large.
 */
function interleaves(shape: readonly number[], stride: readonly number[]): boolean {
  const steps = stride
    .map((step, i): [step: number, n: number] => [step, shape[i]])
    .filter(([step, n]) => step > 0 && n > 1)
    .sort(([a], [b]) => a - b);
  let reach = 0;
  for (const [step, n] of steps) {
    if (step <= reach) return true;
    reach += (n - 1) * step;
  }
  return false;
}

/** Elements of a tensor of this shape. */
export function countOf(shape: readonly number[]): number {
  // In this order, for 0 times what overflows is not a number.
  return shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
}

/** The strides of a row-major tensor. */
export function rowMajor(shape: readonly number[]): number[] {
  const stride: number[] = [];
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    stride[i] = step;
    step *= Math.max(1, shape[i]);
  }
  return stride;
}

/**
 * The elements of a view, row-major.
 *
 * Reads windows of the storage that lie around wanted elements, so that memory stays near the
 * result whatever the storage has.
 *
 * @param storage little-endian
 * @param view one that {@link viewProblem} finds nothing wrong with
 */
export async function readView(
  storage: Bytes,
  { offset, shape, stride }: View,
  dtype: DType,
): Promise<Uint8Array<ArrayBuffer>> {
  const size = sizeOf(dtype);
  const count = countOf(shape);
  if (count === 0) return new Uint8Array(0);
  const target = rowMajor(shape);
  const axes = shape
    .map((n, i): Axis => ({ n, from: stride[i], to: target[i] }))
    .filter(({ n }) => n > 1);
  if (axes.every(({ from, to }) => from === to)) {
    return await storage.read(offset * size, count * size);
  }
  // 16 bytes are moved as two units of 8.
  const unit = Math.min(size, 8);
  const units = size / unit;
  if (units > 1) {
    for (const axis of axes) {
      axis.from *= units;
      axis.to *= units;
    }
    axes.push({ n: units, from: 1, to: 1 });
  }
  const result = new Uint8Array(count * size);
  await pick(storage, unit, axes, offset * units, unitsOf(result, unit), 0);
  return result;
}

/** One dimension: how many elements, and how far apart in the storage and in the result. */
interface Axis {
  n: number;
  from: number;
  to: number;
}

type Units = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Copies the elements of these axes, in halves until they fit a window. */
async function pick(
  storage: Bytes,
  unit: number,
  axes: Axis[],
  from: number,
  result: Units,
  to: number,
): Promise<void> {
  const span = axes.reduce((sum, axis) => sum + (axis.n - 1) * axis.from, 1);
  if (span * unit <= WINDOW) {
    const window = await storage.read(from * unit, span * unit);
    copy(unitsOf(window, unit), 0, result, to, axes, 0);
    return;
  }
  const widest = axes.reduce((a, b) => (b.n - 1) * b.from > (a.n - 1) * a.from ? b : a);
  const half = widest.n >> 1;
  const withN = (n: number) => axes.map((axis) => axis === widest ? { ...axis, n } : axis);
  await pick(storage, unit, withN(half), from, result, to);
  await pick(
    storage,
    unit,
    withN(widest.n - half),
    from + half * widest.from,
    result,
    to + half * widest.to,
  );
}

function copy(
  source: Units,
  from: number,
  result: Units,
  to: number,
  axes: Axis[],
  depth: number,
): void {
  const axis = axes[depth];
  const innermost = depth === axes.length - 1;
  for (let i = 0; i < axis.n; i++) {
    if (innermost) result[to] = source[from];
    else copy(source, from, result, to, axes, depth + 1);
    from += axis.from;
    to += axis.to;
  }
}

function unitsOf({ buffer }: Uint8Array<ArrayBuffer>, unit: number): Units {
  switch (unit) {
    case 1:
      return new Uint8Array(buffer);
    case 2:
      return new Uint16Array(buffer);
    case 4:
      return new Uint32Array(buffer);
    default:
      return new BigUint64Array(buffer);
  }
}
