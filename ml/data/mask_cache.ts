/**
 * Decoded masks kept in memory up to a number of bytes.
 *
 * @module
 */
import { decodeMask, type Mask } from "../image/mask.ts";
import { fileCache } from "./file_cache.ts";

/** Reads a mask, from memory if it was read before. Nobody may write into the result. */
export type MaskReader = (file: string) => Promise<Mask>;

/**
 * A reader that keeps what it has read until `budget` bytes are full; see {@link fileCache}.
 *
 * @param budget bytes, 512 MiB unless said
 */
export function maskCache(budget = 2 ** 29): MaskReader {
  return fileCache(decodeMask, budget);
}
