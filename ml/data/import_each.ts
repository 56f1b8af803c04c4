/**
 * Goes through a foreign dataset's samples, a few at a time, until enough can be used.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { OnDefect } from "./formats/source.ts";

/** Whom to tell, and how much to take. */
export interface ImportOptions {
  onDefect: OnDefect;
  /** Take only so many images, the first ones that can be used. */
  limit?: number | undefined;
  /** Shrink pictures whose longer side has more pixels to so many, and what belongs to them. */
  maxSide?: number | undefined;
  signal?: AbortSignal;
  /** Called with the number of images looked at and the number there are. */
  onProgress?: (done: number, total: number) => void;
}

/** One split of a foreign dataset. */
export interface Split<I = unknown> {
  /** The file or folder that lists the images, as messages call it. */
  name: string;
  images: readonly I[];
}

/** Pictures that are decoded at the same time. */
const AT_ONCE = 6;

/**
 * The samples that can be used, in their order, as `open` brings them.
 *
 * @param open undefined if a sample cannot be used; it has told so by then
 * @throws {InputError} if there is none
 */
export async function* importEach<I, U>(
  { name, images }: Split<I>,
  open: (image: I) => Promise<U | undefined>,
  { limit = Infinity, signal, onProgress }: ImportOptions,
): AsyncGenerator<U> {
  const total = Math.min(limit, images.length);
  let used = 0;
  for (let i = 0; i < images.length && used < limit; i += AT_ONCE) {
    signal?.throwIfAborted();
    for (const usable of await Promise.all(images.slice(i, i + AT_ONCE).map(open))) {
      if (usable === undefined || used >= limit) continue;
      used++;
      yield usable;
    }
    onProgress?.(Math.min(total, Math.max(used, i + AT_ONCE)), total);
  }
  if (used === 0) {
    throw new InputError(`Cannot use ${name}: none of its pictures can be read`);
  }
}

/** A name nobody has yet; pictures from several folders come to lie in one. */
export function freeName(wanted: string, prefix: string, taken: Set<string>): string {
  let free = wanted;
  for (let i = 0; taken.has(free.toLowerCase()); i++) {
    free = `${prefix.replace(/[^\w.-]/g, "_")}${i === 0 ? "" : `_${i}`}_${wanted}`;
  }
  taken.add(free.toLowerCase());
  return free;
}
