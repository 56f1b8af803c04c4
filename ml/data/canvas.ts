/**
 * A float picture to draw on with soft edges: what the synthetic dataset is painted with.
 *
 * Shapes are distance functions; a pixel is covered by `clip(distance + 0.5, 0, 1)`, where distance
 * is how far its centre lies inside the shape, in pixels.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";
import type { Stream } from "../tensor/random.ts";

/** RGB, nominally in [0, 1]. */
export type Colour = readonly [number, number, number];

/** A square picture of floats. */
export interface Canvas {
  /** Side, pixels. */
  size: number;
  /** [size, size, 3] nominally in [0, 1]. */
  data: Float32Array;
}

/** A rectangle of pixels; the high ends are exclusive. */
export interface Window {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** A canvas of one colour. */
export function newCanvas(size: number, colour: Colour): Canvas {
  const data = new Float32Array(size * size * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3];
  return { size, data };
}

/** The pixels within `reach` of a point that lie on the canvas. */
export function around(canvas: Canvas, x: number, y: number, reach: number): Window {
  const low = (v: number) => Math.max(0, Math.floor(v - reach));
  const high = (v: number) => Math.min(canvas.size, Math.ceil(v + reach));
  return { x1: low(x), y1: low(y), x2: high(x), y2: high(y) };
}

/**
 * Blends a colour over the part of the window that the shape covers.
 *
 * @param inside how far the point lies inside the shape; negative outside
 * @param ramp width of the soft edge, pixels
 */
export function paint(
  { size, data }: Canvas,
  { x1, y1, x2, y2 }: Window,
  inside: (x: number, y: number) => number,
  colour: Colour | ((x: number, y: number) => Colour),
  opacity = 1,
  ramp = 1,
): void {
  for (let row = y1; row < y2; row++) {
    for (let column = x1; column < x2; column++) {
      const x = column + 0.5, y = row + 0.5;
      const full = inside(x, y) / ramp + 0.5;
      if (full <= 0) continue;
      const cover = (full < 1 ? full : 1) * opacity;
      const ink = typeof colour === "function" ? colour(x, y) : colour;
      const at = (row * size + column) * 3;
      data[at] += cover * (ink[0] - data[at]);
      data[at + 1] += cover * (ink[1] - data[at + 1]);
      data[at + 2] += cover * (ink[2] - data[at + 2]);
    }
  }
}

/** Distance of (x, y) from the segment between (x1, y1) and (x2, y2). */
export function segmentDistance(
  x: number,
  y: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): number {
  const dx = x2 - x1, dy = y2 - y1;
  const length2 = dx * dx + dy * dy;
  const along = length2 > 0 ? ((x - x1) * dx + (y - y1) * dy) / length2 : 0;
  const t = along < 0 ? 0 : along > 1 ? 1 : along;
  const u = x - x1 - t * dx, v = y - y1 - t * dy;
  return Math.sqrt(u * u + v * v);
}

/**
 * Adds smooth noise: (cells + 1)² standard normal values on a lattice over the whole picture,
 * interpolated by smoothstep.
 *
 * @param channels which channels get the same noise
 */
export function addValueNoise(
  { size, data }: Canvas,
  cells: number,
  amplitude: number,
  rng: Stream,
  channels: readonly number[] = [0, 1, 2],
): void {
  const side = cells + 1;
  const lattice = Float64Array.from({ length: side * side }, () => amplitude * rng.normal());
  const cell = new Int32Array(size);
  const weight = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = (i + 0.5) / size * cells;
    cell[i] = Math.floor(at);
    const t = at - cell[i];
    weight[i] = t * t * (3 - 2 * t);
  }
  const mixed = new Float64Array(side); // one row of the lattice, interpolated downwards
  for (let y = 0; y < size; y++) {
    const top = cell[y] * side;
    for (let i = 0; i < side; i++) {
      mixed[i] = lattice[top + i] + weight[y] * (lattice[top + side + i] - lattice[top + i]);
    }
    for (let x = 0; x < size; x++) {
      const left = mixed[cell[x]];
      const value = left + weight[x] * (mixed[cell[x] + 1] - left);
      for (const c of channels) data[(y * size + x) * 3 + c] += value;
    }
  }
}

/** Adds independent Gaussian grain to every channel, clips and rounds to eight bits. */
export function develop({ size, data }: Canvas, grain: number, rng: Stream): Picture {
  const bytes = new Uint8ClampedArray(data.length); // clips and rounds by itself
  for (let i = 0; i < data.length; i += 2) {
    // One draw of 32 bits serves two values: a picture needs tens of thousands of them.
    const bits = rng.uniform() * 2 ** 32;
    bytes[i] = 255 * (data[i] + grain * NORMALS[bits & 0xFFFF]);
    bytes[i + 1] = 255 * (data[i + 1] + grain * NORMALS[bits >>> 16]);
  }
  return { width: size, height: size, data: new Uint8Array(bytes.buffer) };
}

/** The standard normal distribution in 65,536 equally likely values. */
const NORMALS = Float32Array.from({ length: 65536 }, (_, i) => normalQuantile((i + 0.5) / 65536));

/**
 * Inverse of the standard normal distribution function by Newton's method on its series.
 *
 * Good to about 1e-7 within the ±4.3 that 16 bits can tell apart.
 */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = -Math.sqrt(-2 * Math.log(p)) + 0.6; // coarse start from the tail's shape
  for (let step = 0; step < 12; step++) {
    const density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    x -= Math.max(-0.5, Math.min(0.5, (normalBelow(x, density) - p) / density));
  }
  return x;
}

/** Probability of a value below x ≤ 0: 1/2 + density · (x + x³/3 + x⁵/15 + …). */
function normalBelow(x: number, density: number): number {
  let sum = x;
  let term = x;
  for (let n = 3; Math.abs(term) > 1e-12; n += 2) {
    term *= x * x / n;
    sum += term;
  }
  return 0.5 + density * sum;
}
