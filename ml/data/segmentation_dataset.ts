/**
 * A folder of pictures with a class for every pixel: what every segmentation stage reads.
 *
 * `images/` holds the pictures, `masks/` eight-bit grey PNG files of the same sizes whose values are
 * class indices (255 does not count), `samples.json` what belongs together.
 *
 * @module
 */
import { z } from "zod";
import { readSamples } from "./samples.ts";

/** The value of pixels that do not count. */
export const VOID = 255;

/** One picture and its mask. */
export interface SegmentationSample {
  /** Path of the picture. */
  file: string;
  /** Path of the mask. */
  mask: string;
  /** Pixels, of both. */
  width: number;
  /** Pixels, of both. */
  height: number;
}

/** A set of pictures with masks. */
export interface SegmentationDataset {
  /** [K] names by index; the background is one of them where there is one. */
  classes: string[];
  /** In the order of their names. */
  samples: SegmentationSample[];
}

const entry = z.strictObject({
  image: z.string().min(1),
  mask: z.string().min(1),
  width: z.int().positive(),
  height: z.int().positive(),
});

/** What `samples.json` says of one picture; names are those of files in `images/` and `masks/`. */
export type SegmentationEntry = z.infer<typeof entry>;

/** @throws {InputError} that names the file and the faulty entry */
export async function readSegmentationDataset(folder: string): Promise<SegmentationDataset> {
  const { classes, samples } = await readSamples(folder, entry);
  return {
    classes,
    samples: samples.map(({ image, mask, width, height }) => ({
      file: `${folder}/images/${image}`,
      mask: `${folder}/masks/${mask}`,
      width,
      height,
    })),
  };
}
