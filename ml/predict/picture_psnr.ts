/**
 * How close two pictures are, without tensors: they may be too large for these.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";
import { psnr } from "../metrics/image_quality.ts";

/** Pixels cut from every side, as in evaluations. */
const BORDER = 8;

/** PSNR in dB over RGB inside the border; of pictures no larger than that over all of them. */
export function picturePsnr(a: Picture, b: Picture): number {
  const { width, height } = a;
  const border = Math.min(width, height) > 2 * BORDER ? BORDER : 0;
  let sum = 0;
  for (let y = border; y < height - border; y++) {
    const row = y * width * 3;
    for (let i = row + 3 * border; i < row + 3 * (width - border); i++) {
      sum += (a.data[i] - b.data[i]) ** 2;
    }
  }
  return psnr(sum / ((width - 2 * border) * (height - 2 * border) * 3));
}
