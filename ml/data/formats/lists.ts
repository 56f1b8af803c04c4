/**
 * Text files with one entry a line: names of images, classes, splits.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { firstExisting } from "./folders.ts";

/**
 * The lines of a file that are not empty, each as its words.
 *
 * @throws {InputError} if there is no such file
 */
export async function readWords(file: string): Promise<string[][]> {
  return (await readLines(file)).map((line) => line.split(/\s+/));
}

/**
 * The lines of a file that are not empty, without the blanks around them.
 *
 * @throws {InputError} if there is no such file
 */
export async function readLines(file: string): Promise<string[]> {
  try {
    const lines = (await Deno.readTextFile(file)).split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== "");
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new InputError(`Cannot read ${file}: no such file`, { cause });
  }
}

/**
 * Path of a split's list.
 *
 * @param given what a person has said of it, relative to `base`
 * @param split the word to say it with
 * @param places where it may lie, relative to `base`, the likeliest first
 * @throws {InputError} if it is not there
 */
export async function findList(
  base: string,
  given: string | undefined,
  split: "train" | "val",
  places: readonly string[],
): Promise<string> {
  if (given !== undefined) return `${base}/${given}`;
  const found = await firstExisting(places.map((place) => `${base}/${place}`));
  if (found !== undefined) return found;
  throw new InputError(
    `Cannot use ${base}: expected a list of image names at ${places[0]}; ` +
      `say where it is with "${split}"`,
  );
}
