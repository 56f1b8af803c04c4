/**
 * A picture of any size through a super-resolution network: window by window, in bounded memory.
 *
 * Windows overlap. What lies nearer to a window's inner edge than the network's reach is thrown away,
 * so that what stays is what the whole picture would have given; what two windows have in common
 * beyond that is cross-faded, for networks whose reach has no end.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { cropPicture, toTensor } from "../data/pixels.ts";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import type { SrNet } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";
import { compile, uncompiled } from "../tensor/compile.ts";

/** How a picture is cut, pixels of the low resolution. */
export interface Tiling {
  /** Side of the largest window. */
  tile: number;
  /** What is thrown away along a window's inner edges. */
  margin: number;
  /** What neighbours have in common beside that. */
  fade: number;
}

/** A window along one axis; the end is exclusive. */
export interface Stretch {
  from: number;
  to: number;
}

/** Windows begin at multiples of it, so that SwinIR's own windows lie as in the whole picture. */
const GRID = 8;

/** Of networks with attention, which has no sharp reach: so far it is faded in. */
const ATTENTION_FADE = 32;

/**
 * The overlap that a network needs. A convolution of k cells reaches (k - 1) / 2 cells; those behind
 * an up-sampler reach less, and count in full here.
 */
export function overlapOf(params: Params): Pick<Tiling, "margin" | "fade"> {
  const all = params.all();
  const reach = all.filter(({ shape }) => shape.length === 4)
    .reduce((sum, { shape }) => sum + (shape[2] - 1) / 2, 0);
  const attends = all.some(({ name }) => name.endsWith("relative_position_bias_table"));
  return { margin: Math.ceil(reach), fade: attends ? ATTENTION_FADE : 0 };
}

/**
 * The windows along one axis, in order.
 *
 * @throws {InputError} if windows are too small to get on
 */
export function stretchesOf(length: number, { tile, margin, fade }: Tiling): Stretch[] {
  if (length <= tile) return [{ from: 0, to: length }];
  const step = Math.floor((tile - 2 * margin - fade) / GRID) * GRID;
  if (step < GRID) {
    throw new InputError(
      `Cannot cut pictures into tiles of ${tile} pixels: ${2 * margin + fade} of them overlap; ` +
        `expected ${2 * margin + fade + GRID} or more`,
    );
  }
  const last = Math.ceil((length - tile) / GRID) * GRID;
  const starts = Array.from({ length: Math.ceil(last / step) }, (_, i) => i * step);
  return [...starts.map((from) => ({ from, to: from + tile })), { from: last, to: length }];
}

/** Numbers of a picture: float32 with white 1, or bytes, which round and clamp by themselves. */
type Values = Float32Array | Uint8ClampedArray;

/** What {@link enlargeInTiles} is told. */
export interface Enlargement<V extends Values> {
  net: SrNet;
  /** The network's. */
  params: Params;
  scale: number;
  tiling: Tiling;
  /** Filled: [height · scale, width · scale, 3]. */
  out: V;
  /** Hears how many of how many windows are done. */
  onTile?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Enlarges a picture. @returns `out` */
export async function enlargeInTiles<V extends Values>(
  picture: Picture,
  { net, params, scale, tiling, out, onTile, signal }: Enlargement<V>,
): Promise<V> {
  const rows = stretchesOf(picture.height, tiling);
  const columns = stretchesOf(picture.width, tiling);
  const total = rows.length * columns.length;
  const body = ([lr]: tf.Tensor[]) => [net(lr as tf.Tensor4D)];
  // Four shapes at most, so tracing pays; one window would only be traced.
  const run = total > 1
    ? compile<void>(body, () => params.all().map(({ variable }) => variable))
    : uncompiled<void>(body);
  const width = picture.width * scale * 3;
  const strip = newLike(out, Math.max(...rows.map(({ from, to }) => to - from)) * scale * width);
  let done = 0;
  try {
    for (const row of rows) {
      for (const column of columns) {
        signal?.throwIfAborted();
        const tile = await enlargeTile(picture, row, column, run);
        layColumns(strip, width, tile, row, column, { scale, tiling, end: picture.width });
        onTile?.(++done, total);
      }
      layRows(out, width, strip, row, { scale, tiling, end: picture.height });
    }
  } finally {
    run.dispose();
  }
  return out;
}

async function enlargeTile(
  picture: Picture,
  row: Stretch,
  column: Stretch,
  run: (inputs: tf.Tensor[], context: void) => tf.Tensor[],
): Promise<Float32Array> {
  const size = [column.to - column.from, row.to - row.from] as const;
  const lr = tf.tidy(() =>
    tf.expandDims<tf.Tensor4D>(toTensor(cropPicture(picture, column.from, row.from, ...size)))
  );
  const [sr] = run([lr], undefined);
  const values = await sr.data<"float32">();
  tf.dispose([lr, sr]);
  return values;
}

interface Laying {
  scale: number;
  tiling: Tiling;
  /** Length of the axis, pixels of the low resolution. */
  end: number;
}

/** What of a window counts, and how much of it at each place from there on. */
function usedPart({ from, to }: Stretch, { scale, tiling: { margin, fade }, end }: Laying) {
  const first = from === 0 ? 0 : margin * scale;
  const last = (to - from - (to === end ? 0 : margin)) * scale;
  const ramp = from === 0 ? 0 : fade * scale;
  return { first, last, ramp, share: (i: number) => (i - first + 0.5) / ramp };
}

/** Lays a window over what the strip holds left of it. */
function layColumns(
  strip: Values,
  width: number,
  tile: Float32Array,
  row: Stretch,
  column: Stretch,
  laying: Laying,
): void {
  const { scale } = laying;
  const { first, last, ramp, share } = usedPart(column, laying);
  const tileWidth = (column.to - column.from) * scale * 3;
  const white = whiteOf(strip);
  for (let y = 0; y < (row.to - row.from) * scale; y++) {
    const to = y * width + column.from * scale * 3;
    for (let x = first; x < last; x++) {
      const part = x - first < ramp ? share(x) : 1;
      for (let c = 3 * x; c < 3 * x + 3; c++) {
        const value = Math.fround(tile[y * tileWidth + c] * white);
        strip[to + c] = part === 1 ? value : strip[to + c] + part * (value - strip[to + c]);
      }
    }
  }
}

/** Lays a strip over what the picture holds above it. */
function layRows(
  out: Values,
  width: number,
  strip: Values,
  row: Stretch,
  laying: Laying,
): void {
  const { first, last, ramp, share } = usedPart(row, laying);
  for (let y = first; y < last; y++) {
    const from = y * width, to = (row.from * laying.scale + y) * width;
    if (y - first >= ramp) {
      out.set(strip.subarray(from, from + width), to);
      continue;
    }
    const part = share(y);
    for (let i = 0; i < width; i++) out[to + i] += part * (strip[from + i] - out[to + i]);
  }
}

function newLike(values: Values, length: number): Values {
  return values instanceof Float32Array ? new Float32Array(length) : new Uint8ClampedArray(length);
}

function whiteOf(values: Values): number {
  return values instanceof Float32Array ? 1 : 255;
}
