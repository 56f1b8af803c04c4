/**
 * Writes the embedded dataset's folders for segmentation.
 *
 * @module
 */
import { encodeMask } from "../image/mask.ts";
import { CLASSES } from "./letters.ts";
import { writeSamples } from "./samples.ts";
import type { SegmentationEntry } from "./segmentation_dataset.ts";
import { type FolderOptions, writePictures } from "./write_pictures.ts";

/**
 * Fills a folder with pictures whose plates are marked by their letters: a segmentation dataset.
 * Plates without a letter are background.
 */
export async function writeSegmentationFolder(
  folder: string,
  options: FolderOptions,
): Promise<void> {
  const { size = 96 } = options;
  const samples: SegmentationEntry[] = [];
  await Deno.mkdir(`${folder}/masks`, { recursive: true });
  await writePictures(folder, options, { size }, async (name, { mask }) => {
    samples.push({ image: name, mask: name, width: size, height: size });
    await encodeMask({ width: size, height: size, data: mask }, `${folder}/masks/${name}`);
  });
  await writeSamples(folder, { classes: ["background", ...CLASSES], samples });
}
