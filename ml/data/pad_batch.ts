/**
 * Pictures of unequal size in one batch: padded at the bottom and right, never resized.
 *
 * @module
 */
import type { Size } from "../nn/contracts.ts";

/**
 * How an image is continued: `mirror`, by reflection where the missing part is smaller than the image
 * both ways, otherwise like `repeat`, by its last row and column.
 */
export type Padding = "mirror" | "repeat";

/** One image to pad: [H, W, C] in a flat array. */
export interface Unpadded<A extends Uint8Array | Float32Array> {
  width: number;
  height: number;
  data: A;
}

/** Common size of a batch: the largest height and width, each rounded up to a multiple of `s`. */
export function paddedSize(sizes: readonly Size[], s: number): Size {
  if (sizes.length === 0) throw new RangeError("Cannot pad a batch without images");
  const up = (n: number) => Math.ceil(n / s) * s;
  return [up(Math.max(...sizes.map(([h]) => h))), up(Math.max(...sizes.map(([, w]) => w)))];
}

/**
 * Fills each image up to the batch's common size.
 *
 * Each image decides for itself whether it can be mirrored.
 *
 * @param images each [h, w, C]
 * @param s up-scaling factor: the common size is a multiple of it
 * @param makeOut allocates the result
 * @returns [B, H, W, C] and [H, W]
 * Source: `list_to_batch` of the official detection model.
 */
export function padBatch<A extends Uint8Array | Float32Array>(
  images: readonly Unpadded<A>[],
  s: number,
  makeOut: (length: number) => A,
  { channels = 3, padding = "mirror" }: { channels?: number; padding?: Padding } = {},
): { data: A; size: Size } {
  const size = paddedSize(images.map(({ height, width }) => [height, width]), s);
  const [H, W] = size;
  const data = makeOut(images.length * H * W * channels);
  images.forEach((image, b) => padInto(data, b * H * W * channels, image, H, W, channels, padding));
  return { data, size };
}

function padInto<A extends Uint8Array | Float32Array>(
  out: A,
  offset: number,
  { width, height, data }: Unpadded<A>,
  H: number,
  W: number,
  channels: number,
  padding: Padding,
): void {
  const mirror = padding === "mirror" && H - height < height && W - width < width;
  for (let y = 0; y < H; y++) {
    const from = source(y, height, mirror) * width * channels;
    const to = offset + y * W * channels;
    out.set(data.subarray(from, from + width * channels), to);
    for (let x = width; x < W; x++) {
      const column = from + source(x, width, mirror) * channels;
      for (let c = 0; c < channels; c++) out[to + x * channels + c] = data[column + c];
    }
  }
}

/** Which row or column of the image stands at position `i` of the padded one. */
function source(i: number, n: number, mirror: boolean): number {
  if (i < n) return i;
  return mirror ? 2 * (n - 1) - i : n - 1;
}
