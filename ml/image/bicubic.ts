/**
 * Pictures enlarged without a network: what its work is compared with.
 *
 * @module
 */
import sharp, { type Sharp } from "sharp";
import type { Picture } from "./picture.ts";

/** Enlarges by cubic convolution (Keys, a = -0.5), not antialiased. */
export async function enlargeBicubic(
  picture: Picture,
  to: { width: number; height: number },
): Promise<Picture> {
  const data = await resized(picture, to).raw().toBuffer();
  return { ...to, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** The same as the bytes of a PNG file. The large picture is never in memory as a whole. */
export async function bicubicPng(
  picture: Picture,
  to: { width: number; height: number },
): Promise<Uint8Array> {
  return await resized(picture, to).png({ compressionLevel: 2, adaptiveFiltering: false })
    .toBuffer();
}

function resized({ width, height, data }: Picture, to: { width: number; height: number }): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: "fill", kernel: "cubic", fastShrinkOnLoad: false });
}
