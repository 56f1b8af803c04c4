/**
 * A folder of pictures in two parts: windows to learn from, whole pictures to measure on.
 *
 * @module
 */
import { basename } from "node:path/posix";
import { decode, encodePng, readHeader } from "../image/codec.ts";
import { InputError } from "../image/input_error.ts";
import { resizeShortSide, shortSideSize } from "../image/pillow_resize.ts";
import type { Picture } from "../image/picture.ts";
import { readBytes } from "../image/read_bytes.ts";
import { stream } from "../tensor/random.ts";
import { listImages } from "./image_batches.ts";
import { cropWindow, randomCorner } from "./windows.ts";

/** How pictures are parted. */
export interface SplitOptions {
  seed: number;
  /** Pixels on the shorter side that pictures are first resized to; null: as they are. */
  resize: number | null;
  /** Side of the windows, pixels; smaller pictures are left out. */
  side: number;
  /** How many windows are cut. */
  windows: number;
  /** Share of the pictures that is held out: one at least, and one is kept to learn from. */
  share: number;
  /** So many are held out at most. */
  most: number;
  signal: AbortSignal;
  log(line: string): void;
  onWindow(done: number, total: number): void;
}

/**
 * Fills `images/` of two folders of kind "images". No picture has a part in both. Every picture that
 * is learned from gets as many windows as the others, or one more.
 *
 * @throws {InputError} if fewer than two pictures are large enough
 */
export async function splitPictures(
  folder: string,
  targets: { windows: string; heldOut: string },
  options: SplitOptions,
): Promise<void> {
  const { seed, share, most, windows } = options;
  const files = await largeEnough(await listImages(folder), options);
  const order = [...stream(seed, "split").permutation(files.length)].map((i) => files[i]);
  const count = Math.max(1, Math.min(most, Math.round(share * files.length), files.length - 1));
  const heldOut = order.slice(0, count).sort();
  const kept = order.slice(count).slice(0, windows);

  await Deno.mkdir(`${targets.heldOut}/images`, { recursive: true });
  for (const file of heldOut) {
    const target = `${targets.heldOut}/images/${basename(file)}`;
    if (options.resize === null) await Deno.copyFile(file, target);
    else await encodePng(resizeShortSide(await decode(file), options.resize), target);
  }
  await Deno.mkdir(`${targets.windows}/images`, { recursive: true });
  for (const [place, file] of kept.entries()) {
    options.signal.throwIfAborted();
    const picture = await prepared(file, options);
    for (let window = place; window < windows; window += kept.length) {
      const corner = randomCorner(picture, options.side, stream(seed, "window", window));
      const name = String(window).padStart(String(windows - 1).length, "0");
      await encodePng(
        cropWindow(picture, options.side, corner, file),
        `${targets.windows}/images/${name}.png`,
      );
    }
    options.onWindow(place + 1, kept.length);
  }
  options.log(
    `${kept.length} pictures to learn from, in ${windows} windows of ` +
      `${options.side}x${options.side} pixels; ${count} held out to measure on`,
  );
}

/** Those that a window can be cut out of. */
async function largeEnough(
  files: readonly string[],
  { side, resize, log }: SplitOptions,
): Promise<string[]> {
  const large: string[] = [];
  let largest = { width: 0, height: 0 };
  for (const file of files) {
    const { width, height } = await readHeader(await readBytes(file), file);
    const size = resize === null ? { width, height } : shortSideSize({ width, height }, resize);
    const shorter = Math.min(size.width, size.height);
    if (shorter > Math.min(largest.width, largest.height)) largest = size;
    if (shorter >= side) large.push(file);
    else log(`${basename(file)} is left out: it is ${size.width}x${size.height}`);
  }
  if (large.length >= 2) return large;
  const wanted = `windows of ${side}x${side} pixels`;
  throw new InputError(
    large.length === 1
      ? `Cannot learn from one picture and measure on another: of ${files.length} only ` +
        `${basename(large[0])} has room for ${wanted}; add pictures or choose smaller windows`
      : `Cannot cut ${wanted}: the largest of ${files.length} pictures is ` +
        `${largest.width}x${largest.height}; choose smaller windows or larger pictures`,
  );
}

async function prepared(file: string, { resize }: SplitOptions): Promise<Picture> {
  const picture = await decode(file);
  return resize === null ? picture : resizeShortSide(picture, resize);
}
