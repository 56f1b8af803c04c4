/**
 * Changes of a picture that its boxes or its mask follow.
 *
 * @module
 */
import type { Mask } from "../image/mask.ts";
import type { Picture } from "../image/picture.ts";
import type { DetectionTarget } from "../nn/contracts.ts";

/** The picture mirrored left to right. */
export function flipPicture({ width, height, data }: Picture): Picture {
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    let to = y * width * 3;
    for (let from = to + (width - 1) * 3; from >= y * width * 3; from -= 3) {
      flipped[to++] = data[from];
      flipped[to++] = data[from + 1];
      flipped[to++] = data[from + 2];
    }
  }
  return { width, height, data: flipped };
}

/** The mask mirrored left to right. */
export function flipMask({ width, height, data }: Mask): Mask {
  const flipped = data.slice();
  for (let y = 0; y < height; y++) flipped.subarray(y * width, (y + 1) * width).reverse();
  return { width, height, data: flipped };
}

/** The boxes of a mirrored picture: x becomes width - x. Labels are shared, not copied. */
export function flipTarget({ boxes, labels }: DetectionTarget, width: number): DetectionTarget {
  const flipped = Float32Array.from(boxes);
  for (let i = 0; i < boxes.length; i += 4) {
    flipped[i] = width - boxes[i + 2];
    flipped[i + 2] = width - boxes[i];
  }
  return { boxes: flipped, labels };
}
