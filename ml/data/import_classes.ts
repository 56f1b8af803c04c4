/**
 * Brings a foreign classification dataset into the project's own form: pictures checked.
 *
 * @module
 */
import type { ClassificationEntry } from "./classification_dataset.ts";
import type { ClassImage, ClassSource } from "./formats/class_source.ts";
import { freeName, importEach, type ImportOptions } from "./import_each.ts";
import { importPicture } from "./import_picture.ts";
import type { Importer } from "./import_splits.ts";
import { writeSamples } from "./samples.ts";

/** Classification datasets. */
export const classImporter: Importer<ClassSource> = {
  columns: ["images", "classes that occur", "fewest of a class", "most of a class"],
  importSplit: importClasses,
};

/**
 * Fills a folder with one split as a classification dataset. Pictures that cannot be used are
 * reported and left out.
 *
 * @throws {InputError} if no image can be used
 */
async function importClasses(
  source: ClassSource,
  folder: string,
  options: ImportOptions,
): ReturnType<Importer<ClassSource>["importSplit"]> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  const { classes } = source;
  const samples: ClassificationEntry[] = [];
  const counts = classes.map(() => 0);
  const names = new Set<string>();
  const open = async ({ pictures, label }: ClassImage) => {
    const picture = await importPicture(pictures, `a picture of ${classes[label]}`, options);
    return picture === undefined ? undefined : { picture, label };
  };
  for await (const { picture, label } of importEach(source, open, options)) {
    const { bytes, name, width, height } = picture;
    const image = freeName(name, classes[label], names);
    await Deno.writeFile(`${folder}/images/${image}`, bytes);
    samples.push({ image, label, width, height });
    counts[label]++;
  }
  await writeSamples(folder, { classes, samples });
  const occurring = counts.filter((count) => count > 0);
  return {
    numbers: [samples.length, occurring.length, Math.min(...occurring), Math.max(...occurring)],
    summary: `${samples.length} images of ${occurring.length} of ${classes.length} classes`,
  };
}
