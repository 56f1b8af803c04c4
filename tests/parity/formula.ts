/**
 * The integer formula by which both sides of a comparison make equal weights and inputs.
 *
 * A tensor is named; the name seeds it, and the element's number in PyTorch's order does the rest.
 *
 * @module
 */
import { z } from "zod";

/** How a fixture describes a tensor that is not stored. */
export const tensorSpec = z.looseObject({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  scale: z.number().default(1),
  offset: z.number().default(0),
  /** A derived input, e.g. `blocks image, cell 16` or `integers, high 2`; absent: the plain formula. */
  kind: z.string().optional(),
  /** Where the kind does not say it. */
  cell: z.int().positive().optional(),
  high: z.int().positive().optional(),
  /** Subtract ImageNet's mean colour and divide by its deviation. */
  normalized: z.boolean().default(false),
});

/** What {@link formulaTensor} reads; only name and shape are needed. */
export type TensorSpec = z.input<typeof tensorSpec>;

const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

/**
 * The values of a described tensor, in PyTorch's element order.
 *
 * @throws {RangeError} if the kind is unknown
 */
export function formulaTensor(described: TensorSpec): Float32Array {
  const spec = tensorSpec.parse(described);
  const { name, shape, scale, offset, kind, normalized } = spec;
  if (kind === undefined) return plain(name, size(shape), scale, offset);
  const cell = spec.cell ?? Number(/cell (\d+)/.exec(kind)?.[1] ?? 8);
  const high = spec.high ?? Number(/high (\d+)/.exec(kind)?.[1] ?? 22);
  if (kind.startsWith("integers")) return integers(name, size(shape), high);
  if (kind.startsWith("block labels")) return blockLabels(name, shape, cell, high);
  if (kind.startsWith("blocks image")) {
    return normalise(blocks(name, shape, cell), shape, normalized);
  }
  if (kind.startsWith("scene")) {
    return normalise(scene(name, shape, cell), shape, normalized);
  }
  throw new RangeError(`Cannot make "${name}": unknown kind of tensor "${kind}"`);
}

/** FNV-1a of the name's UTF-8 bytes, 32 bits. */
export function seedOf(name: string): number {
  let hash = 0x811C9DC5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** n numbers in [0, 1), exact in float64. */
export function uniforms(name: string, n: number): Float64Array {
  const seed = seedOf(name);
  const values = new Float64Array(n);
  for (let k = 0; k < n; k++) values[k] = hash(seed, k) / 2 ** 32;
  return values;
}

/** The flat indices at which a large tensor of n elements is sampled. */
export function sampleIndices(name: string, n: number, count: number): number[] {
  const drawn = uniforms(`samples/${name}`, count).map((u) => Math.floor(u * n));
  return [...new Set(drawn)].sort((a, b) => a - b);
}

function hash(seed: number, k: number): number {
  let x = seed + Math.imul(k, 0x9E3779B9);
  x = Math.imul(x ^ (x >>> 16), 0x85EBCA6B);
  x = Math.imul(x ^ (x >>> 13), 0xC2B2AE35);
  return (x ^ (x >>> 16)) >>> 0;
}

function plain(name: string, n: number, scale: number, offset: number): Float32Array {
  const seed = seedOf(name);
  const values = new Float32Array(n);
  for (let k = 0; k < n; k++) values[k] = (hash(seed, k) / 2 ** 32 * 2 - 1) * scale + offset;
  return values;
}

function integers(name: string, n: number, high: number): Float32Array {
  return Float32Array.from(uniforms(name, n), (u) => Math.floor(u * high));
}

/** [n, h, w] integers in cells; 21 becomes 255, the label that losses ignore. */
function blockLabels(name: string, shape: number[], cell: number, high: number): Float32Array {
  const [n, h, w] = shape;
  const [rows, columns] = [Math.floor(h / cell), Math.floor(w / cell)];
  const labels = integers(name, n * rows * columns, high).map((v) => v === 21 ? 255 : v);
  const values = new Float32Array(n * h * w);
  let at = 0;
  for (let b = 0; b < n; b++) {
    for (let y = 0; y < h; y++) {
      const row = (b * rows + Math.floor(y / cell)) * columns;
      for (let x = 0; x < w; x++) values[at++] = labels[row + Math.floor(x / cell)];
    }
  }
  return values;
}

/** [n, c, h, w] in [0, 1): coarse cells plus fine noise. */
function blocks(name: string, shape: number[], cell: number): Float32Array {
  const [n, c, h, w] = shape;
  const [rows, columns] = [Math.ceil(h / cell), Math.ceil(w / cell)];
  const base = plain(`${name}/base`, n * c * rows * columns, 0.5, 0.5);
  const fine = plain(`${name}/fine`, n * c * h * w, 0.5, 0.5);
  const values = new Float32Array(fine.length);
  let at = 0;
  for (let plane = 0; plane < n * c; plane++) {
    for (let y = 0; y < h; y++) {
      const row = (plane * rows + Math.floor(y / cell)) * columns;
      for (let x = 0; x < w; x++, at++) {
        values[at] = base[row + Math.floor(x / cell)] * 0.75 + fine[at] * 0.25;
      }
    }
  }
  return values;
}

/** A blocks image whose batch members differ in brightness. */
function scene(name: string, shape: number[], cell: number): Float32Array {
  const n = shape[0];
  const perImage = size(shape) / n;
  return blocks(name, shape, cell).map((x, i) => 0.5 * Math.floor(i / perImage) / n + 0.5 * x);
}

function normalise(values: Float32Array, shape: number[], wanted: boolean): Float32Array {
  if (!wanted) return values;
  const plane = shape[2] * shape[3];
  return values.map((x, i) => {
    const c = Math.floor(i / plane) % 3;
    return (x - MEAN[c]) / STD[c];
  });
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
