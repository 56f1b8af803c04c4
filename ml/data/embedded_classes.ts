/**
 * Writes the embedded dataset's folders for classification.
 *
 * @module
 */
import type { ClassificationEntry } from "./classification_dataset.ts";
import { CLASSES } from "./letters.ts";
import { writeSamples } from "./samples.ts";
import type { SyntheticOptions } from "./synthetic.ts";
import { type FolderOptions, writePictures } from "./write_pictures.ts";

/** Fills a folder with pictures of one letter each: a classification dataset. */
export async function writeClassificationFolder(
  folder: string,
  options: FolderOptions,
): Promise<void> {
  const { size = 40 } = options;
  const drawing: SyntheticOptions = { size, objects: [1, 1], blankProbability: 0 };
  const samples: ClassificationEntry[] = [];
  await writePictures(folder, options, drawing, (name, { objects: [{ letter }] }) => {
    samples.push({ image: name, label: letter, width: size, height: size });
  });
  await writeSamples(folder, { classes: [...CLASSES], samples });
}
