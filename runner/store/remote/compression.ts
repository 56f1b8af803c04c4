/**
 * Smaller bytes for the way, by zstd. Whether that pays is tried, not guessed from names: JPEG, PNG
 * and most weights hardly get smaller, text and lists do.
 *
 * @module
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import {
  constants,
  createZstdCompress,
  createZstdDecompress,
  zstdCompress,
  zstdDecompress,
} from "node:zlib";
import type { Bytes } from "./place.ts";

/** Contents with fewer bytes stay as they are: there is nothing to win. */
const SMALLEST = 1024;

/** What does not shrink to this part of its size is not worth the work of reading it. */
const WORTH = 0.9;

/** Bytes from the middle of a content on which it is tried. */
const SAMPLE = 1 << 18;

/** Base-2 logarithm of the memory that reading may take, in bytes; level 3 writes up to 21. */
const WINDOW = 23;

/** The first bytes of everything that is compressed. */
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

const compressAll = promisify(zstdCompress);
const expandAll = promisify<Uint8Array, object, Uint8Array>(zstdDecompress);

/** Whether `bytes` of what was `size` long are worth it. */
export function isWorth(bytes: number, size: number): boolean {
  return size >= SMALLEST && bytes <= size * WORTH;
}

/** Where to look into a content of this size to find out; undefined if it is too small. */
export function sampleOf(size: number): { at: number; length: number } | undefined {
  if (size < SMALLEST) return undefined;
  const length = Math.min(size, SAMPLE);
  return { at: Math.floor((size - length) / 2), length };
}

/** Compresses bytes that are in memory. @returns undefined if that is not worth it */
export async function compress(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const sample = sampleOf(bytes.length);
  if (sample === undefined) return undefined;
  if (sample.length < bytes.length) {
    const part = await compressAll(bytes.subarray(sample.at, sample.at + sample.length));
    if (!isWorth(part.length, sample.length)) return undefined;
  }
  const compressed = await compressAll(bytes);
  return isWorth(compressed.length, bytes.length) ? compressed : undefined;
}

/** Compresses bytes as they come; the same bytes always give the same. */
export function compressing(bytes: Bytes): Bytes {
  return through(bytes, createZstdCompress());
}

/** Reads compressed bytes as they come; who takes them counts them. */
export function expanding(bytes: Bytes): Bytes {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW };
  return through(bytes, createZstdDecompress({ params }));
}

/**
 * Reads compressed bytes that are in memory.
 *
 * @param largest more than so many bytes are not made of them
 * @returns undefined if they are not compressed, or are more
 */
export async function expand(bytes: Uint8Array, largest: number): Promise<Uint8Array | undefined> {
  try {
    const params = { [constants.ZSTD_d_windowLogMax]: WINDOW };
    // The limit of zero bytes would count as none.
    return await expandAll(bytes, { params, maxOutputLength: Math.max(1, largest) });
  } catch {
    return undefined; // whatever it is, it is not what was asked for
  }
}

/** Whether bytes begin as compressed ones do; no JSON does. */
export function isCompressed(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

async function* through(
  bytes: Bytes,
  change: ReturnType<typeof createZstdCompress>,
): AsyncGenerator<Uint8Array> {
  const feeding = pipeline(Readable.from(bytes), change);
  feeding.catch(() => {}); // who reads is told too
  for await (const piece of change) yield piece;
  await feeding;
}
