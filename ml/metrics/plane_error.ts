/**
 * How far two pictures are apart, for pictures in memory.
 *
 * @module
 */
import { insideBorder, type Plane } from "../image/plane.ts";

/**
 * Mean squared error over all pixels of all channels inside the border. `psnr()` of
 * image_quality.ts makes decibels of it.
 *
 * Known number: 1 where every value is off by 1, which on the scale 0 … 255 is 48.1308 dB.
 *
 * @param a channels of one picture, e.g. `channelsOf(picture)` or `[luma(picture)]`
 * @param border pixels cut from every side; super-resolution on Y usually cuts as many as the scale
 * @throws {RangeError} if sizes differ or nothing is left inside the border
 */
export function meanSquaredError(
  a: readonly Plane[],
  b: readonly Plane[],
  border: number,
): number {
  let sum = 0, count = 0;
  a.forEach((plane, c) => {
    requireSameSize(plane, b[c]);
    const [x, y] = [plane, b[c]].map((one) => insideBorder(one, border).data);
    for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2;
    count += x.length;
  });
  return sum / count;
}

/** @throws {RangeError} if sizes differ */
export function requireSameSize(a: Plane, b: Plane): void {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(
      `Cannot compare ${a.width}x${a.height} with ${b.width}x${b.height}: expected one size`,
    );
  }
}
