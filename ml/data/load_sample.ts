/**
 * Reads what belongs to one sample and holds it against what the dataset says of it.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { Mask } from "../image/mask.ts";
import { resizeNearest, resizeShortSide, shortSideSize } from "../image/pillow_resize.ts";
import type { Picture } from "../image/picture.ts";
import { type Extent, sameSize } from "./extent.ts";
import type { MaskReader } from "./mask_cache.ts";
import type { PictureReader } from "./picture_cache.ts";

/** A picture as a dataset describes it. */
interface Described extends Extent {
  /** Path of the picture. */
  file: string;
}

/**
 * The picture of a sample.
 *
 * @param read may give pictures that have been resized already
 * @param resize pixels of the shorter side; null: as it is
 * @throws {InputError} if it has another size than the dataset says
 */
export async function loadPicture(
  read: PictureReader,
  sample: Described,
  resize: number | null = null,
): Promise<Picture> {
  const picture = await read(sample.file);
  const wanted = loadedSize(sample, resize);
  if (!sameSize([picture, wanted])) checkSize(sample.file, picture, sample);
  return resize === null ? picture : resizeShortSide(picture, resize);
}

/** The mask of a sample, in the size that {@link loadPicture} gives the picture. */
export async function loadMask(
  readMask: MaskReader,
  sample: Described & { mask: string },
  resize: number | null = null,
): Promise<Mask> {
  const mask = await readMask(sample.mask);
  checkSize(sample.mask, mask, sample);
  const wanted = loadedSize(sample, resize);
  return sameSize([mask, wanted]) ? mask : { ...wanted, data: resizeNearest(mask, wanted) };
}

/** The size that {@link loadPicture} gives a picture. */
export function loadedSize({ width, height }: Extent, resize: number | null): Extent {
  return resize === null ? { width, height } : shortSideSize({ width, height }, resize);
}

function checkSize(file: string, { width, height }: Extent, said: Extent): void {
  if (sameSize([{ width, height }, said])) return;
  throw new InputError(
    `Cannot use ${file}: it is ${width}x${height} pixels, ` +
      `but its annotations say ${said.width}x${said.height}`,
  );
}
