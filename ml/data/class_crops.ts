/**
 * A folder of pictures with one class each: `images/` and `labels.json`.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../image/input_error.ts";

/** Pictures with one class each. */
export interface ClassCrops {
  /** Names; no background among them. */
  classes: string[];
  /** [n] paths, sorted by name. */
  files: string[];
  /** [n] index into `classes`. */
  labels: Int32Array;
}

const schema = z.strictObject({
  classes: z.array(z.string()).nonempty(),
  labels: z.record(z.string(), z.int().nonnegative()),
});

/** @throws {InputError} that names the file and what is wrong with it */
export async function readClassCrops(folder: string): Promise<ClassCrops> {
  const file = `${folder}/labels.json`;
  const parsed = schema.safeParse(JSON.parse(await Deno.readTextFile(file)));
  if (!parsed.success) {
    throw new InputError(`Cannot use ${file}: ${parsed.error.issues[0].message}`);
  }
  const { classes, labels } = parsed.data;
  const entries = Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, label] of entries) {
    if (label < classes.length) continue;
    throw new InputError(
      `Cannot use ${file}: "${name}" has class ${label}, but there are ${classes.length} classes`,
    );
  }
  return {
    classes,
    files: entries.map(([name]) => `${folder}/images/${name}`),
    labels: Int32Array.from(entries, ([, label]) => label),
  };
}
