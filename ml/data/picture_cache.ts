/**
 * Decoded pictures kept in memory up to a number of bytes.
 *
 * @module
 */
import { decode } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";

/** Reads a picture, from memory if it was read before. Nobody may write into the result. */
export type PictureReader = (file: string) => Promise<Picture>;

/**
 * A reader that keeps what it has read until `budget` bytes are full; later pictures are decoded
 * every time. Keeping the first ones rather than the latest is right for epochs: the least recently
 * used picture is the one that comes next.
 *
 * @param budget bytes of pixels, 1 GiB unless said
 */
export function pictureCache(budget = 2 ** 30): PictureReader {
  const kept = new Map<string, Picture>();
  let used = 0;
  return async (file) => {
    const known = kept.get(file);
    if (known !== undefined) return known;
    const picture = await decode(file);
    if (!kept.has(file) && used + picture.data.length <= budget) {
      used += picture.data.length;
      kept.set(file, picture);
    }
    return picture;
  };
}
