/**
 * Turns and mirrors a picture as its file asks for.
 *
 * @module
 */
import type { Picture } from "./picture.ts";

/** Where the pixel at (x, y) of the upright picture lies in one of w x h as stored. */
type Source = (x: number, y: number, w: number, h: number) => [x: number, y: number];

/** By orientation; those from 5 on swap width and height. */
const SOURCES: Record<number, Source> = {
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

/**
 * Returns the picture as a viewer shows it.
 *
 * @param orientation EXIF tag 274 (TIFF 6.0, "Orientation"): 2 … 8; anything else leaves it as it is
 */
export function upright(picture: Picture, orientation: number | undefined): Picture {
  const source = SOURCES[orientation ?? 1];
  if (source === undefined) return picture;
  const { width: w, height: h, data } = picture;
  const [width, height] = orientation! < 5 ? [w, h] : [h, w];
  const turned = new Uint8Array(data.length);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = source(x, y, w, h);
      const from = (row * w + column) * 3;
      turned[at++] = data[from];
      turned[at++] = data[from + 1];
      turned[at++] = data[from + 2];
    }
  }
  return { width, height, data: turned };
}
