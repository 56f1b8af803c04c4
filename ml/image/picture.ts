/**
 * A decoded picture: eight bits a channel, nothing else.
 *
 * @module
 */

/** Pictures with more pixels are not read: Pillow's limit, against decompression bombs. */
export const MAX_PIXELS = 178_956_970;

/** RGB picture, row by row from the top left: `data[(y * width + x) * 3 + channel]`. */
export interface Picture {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** [H, W, 3] in 0 … 255. */
  data: Uint8Array;
}

/** A picture of one colour (RGB in 0 … 255, black unless said). */
export function blankPicture(
  width: number,
  height: number,
  colour: readonly [number, number, number] = [0, 0, 0],
): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3];
  return { width, height, data };
}
