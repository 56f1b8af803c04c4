/**
 * `samples.json`: the list of pictures that a dataset folder holds, and the names of its classes.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../image/input_error.ts";

/** Name of the file. */
export const SAMPLES_FILE = "samples.json";

/**
 * Reads `samples.json`.
 *
 * @param entry schema of what is said of one picture
 * @returns samples in the order of their images' names
 * @throws {InputError} that names the file and the faulty entry
 */
export async function readSamples<E extends { image: string }>(
  folder: string,
  entry: z.ZodType<E>,
): Promise<{ classes: string[]; samples: E[] }> {
  const file = `${folder}/${SAMPLES_FILE}`;
  const schema = z.strictObject({
    classes: z.array(z.string()).nonempty(),
    samples: z.array(entry).nonempty(),
  });
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new InputError(`Cannot read ${file}: no such file`, { cause });
    }
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new InputError(`Cannot read ${file}: ${cause.message}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new InputError(`Cannot use ${file}: ${path.join(".") || "the file"}: ${message}`);
  }
  const { classes, samples } = parsed.data;
  return { classes, samples: samples.sort((a, b) => a.image < b.image ? -1 : 1) };
}

/** Writes `samples.json` into a folder whose pictures the caller writes. */
export async function writeSamples(
  folder: string,
  content: { classes: readonly string[]; samples: readonly { image: string }[] },
): Promise<void> {
  await Deno.writeTextFile(`${folder}/${SAMPLES_FILE}`, JSON.stringify(content) + "\n");
}
