/**
 * Square windows of pictures and masks.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import type { Stream } from "../tensor/random.ts";
import type { Extent } from "./extent.ts";
import { cropPicture } from "./pixels.ts";

/** Top left corner of a window, pixels. */
export interface Corner {
  x: number;
  y: number;
}

/** Any window that lies inside, equally likely. What is smaller than the window is seen from 0. */
export function randomCorner(
  { width, height }: Extent,
  size: number,
  rng: Stream,
): Corner {
  const x = rng.integer(Math.max(width - size, 0) + 1);
  const y = rng.integer(Math.max(height - size, 0) + 1);
  return { x, y };
}

/** The window in the middle; half pixels go to the even side, as Python rounds. */
export function centreCorner(
  { width, height }: Extent,
  size: number,
): Corner {
  return { x: halfToEven(width - size), y: halfToEven(height - size) };
}

/**
 * One window of a picture.
 *
 * @throws {InputError} if the picture is smaller than the window; the message names `file`
 */
export function cropWindow(
  picture: Picture,
  size: number,
  { x, y }: Corner,
  file: string,
): Picture {
  const { width, height } = picture;
  if (width < size || height < size) {
    throw new InputError(
      `Cannot cut ${size}x${size} pixels out of ${file}: it is ${width}x${height}; ` +
        "lower the crop size or remove the picture",
    );
  }
  return cropPicture(picture, x, y, size, size);
}

/**
 * One window of a picture or mask; where it reaches beyond the right or lower edge it has the value
 * `fill`.
 *
 * @param raster [H, W, C]; C follows from its length
 * @returns [size, size, C]
 */
export function filledWindow(
  { width, height, data }: Extent & { data: Uint8Array },
  size: number,
  { x, y }: Corner,
  fill: number,
): Extent & { data: Uint8Array } {
  const channels = data.length / (width * height);
  const window = new Uint8Array(size * size * channels).fill(fill);
  const columns = Math.min(size, width - x);
  for (let row = 0; row < Math.min(size, height - y); row++) {
    const from = ((y + row) * width + x) * channels;
    window.set(data.subarray(from, from + columns * channels), row * size * channels);
  }
  return { width: size, height: size, data: window };
}

function halfToEven(n: number): number {
  const half = Math.floor(n / 2);
  return n % 2 === 0 ? half : half + half % 2;
}
