/**
 * Pictures at another size.
 *
 * @module
 */
import sharp from "sharp";
import type { Picture } from "./picture.ts";

/** Shrinks by Lanczos' filter, widened as far as the shrinking asks (antialiased). */
export async function shrink(
  { width, height, data }: Picture,
  to: { width: number; height: number },
): Promise<Picture> {
  const shrunk = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: "fill", kernel: "lanczos3" }).raw().toBuffer();
  return { ...to, data: new Uint8Array(shrunk.buffer, shrunk.byteOffset, shrunk.byteLength) };
}
