/**
 * Many small files of a folder as few packs: their contents one behind the other.
 *
 * Which contents are packed, and in what order, follows from the list of files, so a pack is told by
 * how many of them it takes.
 *
 * @module
 */
import type { Tree } from "../tree.ts";

/** Contents up to this many bytes are packed. */
export const SMALL = 64 * 1024;

/** A folder with fewer small contents is sent file by file. */
const MANY = 64;

/** No pack ends before it has so many bytes, unless it is the last. */
const LEAST = 8 * 2 ** 20;

/** Behind {@link LEAST} a pack goes on for so many bytes on average. */
const MEAN = 8 * 2 ** 20;

/** No pack is larger, but for the file that makes it so; in bytes. */
const MOST = 32 * 2 ** 20;

/** Nobody sends a larger pack, in bytes. */
export const LARGEST_PACK = MOST + SMALL;

/** A content. */
export interface Content {
  digest: string;
  /** Bytes. */
  size: number;
}

/** A pack as it lies in a remote cache. */
export interface Pack {
  /** Of the bytes as they lie there. */
  digest: string;
  /** How many these are. */
  bytes: number;
  /** Bytes of the contents. */
  size: number;
  /** How many contents are in it. */
  files: number;
  /** Whether it is compressed. */
  zstd: boolean;
}

/** Distinct contents of a folder that travel in packs, in the order of their first path. */
export function packedContents({ files }: Tree): Content[] {
  const sizes = new Map<string, number>();
  for (const { digest, size } of files) if (size <= SMALL) sizes.set(digest, size);
  return sizes.size < MANY ? [] : [...sizes].map(([digest, size]) => ({ digest, size }));
}

/**
 * Cuts contents into packs of about 16 MiB. Whether a pack ends behind a content is for that content
 * to say, so one that changes does not move all ends behind it.
 */
export function cutIntoPacks(contents: Content[]): Content[][] {
  const packs: Content[][] = [];
  let pack: Content[] = [];
  let bytes = 0;
  for (const content of contents) {
    pack.push(content);
    bytes += content.size;
    const ends = bytes >= LEAST && chanceOf(content) < content.size / MEAN;
    if (!ends && bytes < MOST) continue;
    packs.push(pack);
    pack = [];
    bytes = 0;
  }
  return pack.length > 0 ? [...packs, pack] : packs;
}

/** Gives each pack its contents. @returns undefined if the packs do not fit the contents */
export function contentsOfPacks(
  contents: Content[],
  packs: Pack[],
): { pack: Pack; contents: Content[] }[] | undefined {
  let next = 0;
  const filled = packs.map((pack) => ({
    pack,
    contents: contents.slice(next, next += pack.files),
  }));
  const fit = filled.every(({ pack, contents }) =>
    pack.size <= LARGEST_PACK && contents.length === pack.files &&
    contents.reduce((sum, { size }) => sum + size, 0) === pack.size
  );
  return fit && next === contents.length ? filled : undefined;
}

/** A number in [0, 1) that only the content decides. */
function chanceOf({ digest }: Content): number {
  return parseInt(digest.slice(0, 8), 16) / 2 ** 32;
}
