/**
 * Draws synthetic pictures into a folder.
 *
 * @module
 */
import { encodePng } from "../image/codec.ts";
import type { Stream } from "../tensor/random.ts";
import { drawImage, type SyntheticImage, type SyntheticOptions } from "./synthetic.ts";

/** What to draw and whom to tell. */
export interface FolderOptions {
  /** How many pictures. */
  count: number;
  /** The stream that picture `i` is drawn with: the same stream, the same picture. */
  rngOf: (i: number) => Stream;
  /** Side of a picture, pixels. */
  size?: number;
  signal?: AbortSignal;
  /** Called after every picture. */
  onPicture?: () => void;
}

/**
 * Fills `images/` of a folder.
 *
 * @param note hears of every picture in order, and may write something to go with it
 */
export async function writePictures(
  folder: string,
  { count, rngOf, signal, onPicture }: FolderOptions,
  drawing: SyntheticOptions,
  note: (name: string, image: SyntheticImage, i: number) => void | Promise<void>,
): Promise<void> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  const digits = String(Math.max(1, count - 1)).length;
  // Drawing keeps this thread busy while the codec's threads encode; a few in flight are enough.
  const pending = new Set<Promise<void>>();
  for (let i = 0; i < count; i++) {
    signal?.throwIfAborted();
    const image = drawImage(rngOf(i), drawing);
    const name = `${String(i).padStart(digits, "0")}.png`;
    const written = [note(name, image, i), encodePng(image.picture, `${folder}/images/${name}`)];
    const writing = Promise.all(written).then(() => {
      pending.delete(writing);
      onPicture?.();
    });
    pending.add(writing);
    if (pending.size >= 8) await Promise.race(pending);
  }
  await Promise.all(pending);
}
