/**
 * One channel of a picture as numbers.
 *
 * @module
 */

/** Numbers of one channel, row by row from the top left. */
export interface Plane {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** [H, W] */
  data: Float64Array;
}

/** Interleaved RGB: a picture, or one that is not rounded. */
export interface Rgb {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** [H, W, 3] */
  data: ArrayLike<number>;
}

/** Red, green and blue apart. */
export function channelsOf({ width, height, data }: Rgb): Plane[] {
  return [0, 1, 2].map((c) => ({
    width,
    height,
    data: Float64Array.from({ length: width * height }, (_, i) => data[3 * i + c]),
  }));
}

/**
 * What lies inside a border of so many pixels.
 *
 * @throws {RangeError} if nothing does
 */
export function insideBorder({ width, height, data }: Plane, border: number): Plane {
  const [w, h] = [width - 2 * border, height - 2 * border];
  if (w < 1 || h < 1) {
    throw new RangeError(
      `Cannot cut ${border} pixels from every side of ${width}x${height}: nothing is left`,
    );
  }
  const result = new Float64Array(w * h);
  for (let y = 0; y < h; y++) {
    const from = (y + border) * width + border;
    result.set(data.subarray(from, from + w), y * w);
  }
  return { width: w, height: h, data: result };
}
