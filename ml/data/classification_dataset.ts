/**
 * A folder of pictures with one class each: what every classification stage reads.
 *
 * `images/` holds the pictures, `samples.json` what they show.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../image/input_error.ts";
import { readSamples, SAMPLES_FILE } from "./samples.ts";

/** One picture and its class. */
export interface ClassificationSample {
  /** Path of the picture. */
  file: string;
  /** Index into the dataset's classes. */
  label: number;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
}

/** A set of pictures with one class each. */
export interface ClassificationDataset {
  /** [K] names by index; no background among them. */
  classes: string[];
  /** In the order of their names. */
  samples: ClassificationSample[];
}

const entry = z.strictObject({
  image: z.string().min(1),
  label: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
});

/** What `samples.json` says of one picture; the name is that of a file in `images/`. */
export type ClassificationEntry = z.infer<typeof entry>;

/** @throws {InputError} that names the file and the faulty entry */
export async function readClassificationDataset(folder: string): Promise<ClassificationDataset> {
  const { classes, samples } = await readSamples(folder, entry);
  const wrong = samples.find(({ label }) => label >= classes.length);
  if (wrong !== undefined) {
    throw new InputError(
      `Cannot use ${folder}/${SAMPLES_FILE}: "${wrong.image}" has class ${wrong.label}, ` +
        `but there are ${classes.length} classes`,
    );
  }
  return {
    classes,
    samples: samples.map(({ image, label, width, height }) => ({
      file: `${folder}/images/${image}`,
      label,
      width,
      height,
    })),
  };
}
