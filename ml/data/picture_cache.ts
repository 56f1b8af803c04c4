/**
 * Decoded pictures kept in memory up to a number of bytes.
 *
 * @module
 */
import { decode } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";
import { resizeShortSide } from "../image/pillow_resize.ts";
import { fileCache } from "./file_cache.ts";

/** Reads a picture, from memory if it was read before. Nobody may write into the result. */
export type PictureReader = (file: string) => Promise<Picture>;

/**
 * A reader that keeps what it has read until `budget` bytes are full; see {@link fileCache}.
 *
 * @param budget bytes of pixels, 1 GiB unless said
 * @param resize pixels of the shorter side; pictures are kept resized, so that it is done once
 */
export function pictureCache(budget = 2 ** 30, resize: number | null = null): PictureReader {
  return fileCache(
    async (file) => {
      const picture = await decode(file);
      return resize === null ? picture : resizeShortSide(picture, resize);
    },
    budget,
  );
}
