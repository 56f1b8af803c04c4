/**
 * Whether pictures can share a batch as they are.
 *
 * @module
 */
import type { PictureReader } from "./picture_cache.ts";

/** Whether all pictures have one size. Reads until two differ. */
export async function sameSize(files: readonly string[], read: PictureReader): Promise<boolean> {
  const first = await read(files[0]);
  for (const file of files) {
    const { width, height } = await read(file);
    if (width !== first.width || height !== first.height) return false;
  }
  return true;
}
