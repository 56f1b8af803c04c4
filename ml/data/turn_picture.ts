/**
 * Pictures turned by right angles.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";

/**
 * The picture turned to the left.
 *
 * @param quarters how often by 90 degrees; width and height change places where it is odd
 */
export function turnPicture(picture: Picture, quarters: number): Picture {
  if (quarters === 0) return picture;
  const { width, height, data } = turnPicture(picture, quarters - 1);
  const turned = new Uint8Array(data.length);
  let to = 0;
  for (let x = width - 1; x >= 0; x--) {
    for (let y = 0; y < height; y++) {
      const from = (y * width + x) * 3;
      turned[to++] = data[from];
      turned[to++] = data[from + 1];
      turned[to++] = data[from + 2];
    }
  }
  return { width: height, height: width, data: turned };
}
