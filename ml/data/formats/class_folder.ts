/**
 * A folder of pictures with one class each in one of the known layouts.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { type ClassSplits, type NamedImages, numberClasses } from "./class_source.ts";
import { exists, filesUnder, namesIn, stemOf } from "./folders.ts";
import { findList, readWords } from "./lists.ts";
import type { ReadOptions } from "./source.ts";

/** Which folder, and what is known of it. */
export interface ClassFolderOptions extends ReadOptions {
  path: string;
  /**
   * `folders`: a folder for each split, in it one for each class; `pets`: lists of names that begin
   * with their class, as of the Oxford-IIIT Pet dataset. `auto` tells them by what is there.
   */
  format: "auto" | "folders" | "pets";
  /** Folder or list of the training images, relative to the path; looked for unless given. */
  train?: string | undefined;
  /** Folder or list of the validation images. */
  val?: string | undefined;
}

/** Names of a split's folder, the likeliest first. */
const FOLDERS = { train: ["train", "training"], val: ["val", "valid", "validation", "test"] };

/**
 * Reads both splits of a folder.
 *
 * @throws {InputError} if there is nothing at the path, or nothing known, or a split is empty
 */
export async function readClassFolder(options: ClassFolderOptions): Promise<ClassSplits> {
  const { path, classes: chosen, onDefect } = options;
  if (!await exists(path)) throw new InputError(`Cannot read ${path}: no such folder`);
  const format = await formatOf(options);
  if (format === "pets") {
    const splits = {
      train: await readPets(path, await findList(path, options.train, "train", [PETS.train])),
      val: await readPets(path, await findList(path, options.val, "val", [PETS.val])),
    };
    return numberClasses(splits, { chosen, onDefect });
  }
  const train = await findFolder(path, "train", options.train);
  const val = await findFolder(path, "val", options.val);
  return await readClassFolders(train, val, { chosen, onDefect });
}

/** Reads two folders with a folder for each class; what train has none of is no class. */
export async function readClassFolders(
  train: string,
  val: string,
  options: { chosen?: readonly string[] | undefined; onDefect: ReadOptions["onDefect"] },
): Promise<ClassSplits> {
  const classes = await classFolders(train);
  const splits = {
    train: await readFolders(train, classes, options.onDefect),
    val: await readFolders(val, await classFolders(val), options.onDefect),
  };
  return numberClasses(splits, { ...options, classes });
}

/** The folder of a split. */
export async function findFolder(
  path: string,
  split: "train" | "val",
  given: string | undefined,
): Promise<string> {
  const names = given === undefined ? FOLDERS[split] : [given];
  for (const name of names) {
    if ((await classFolders(`${path}/${name}`)).length > 0) return `${path}/${name}`;
  }
  throw new InputError(
    `Cannot use ${path}: expected ${names[0]}/ with a folder for each class; ` +
      `say where it is with "${split}"`,
  );
}

/** Names of the folders in a folder, in order. */
async function classFolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(".") && (await Deno.stat(`${folder}/${name}`)).isDirectory) {
      names.push(name);
    }
  }
  return names;
}

async function readFolders(
  folder: string,
  classes: readonly string[],
  onDefect: ReadOptions["onDefect"],
): Promise<NamedImages> {
  const images: NamedImages["images"] = [];
  for (const className of classes) {
    const files = await filesUnder(`${folder}/${className}`);
    if (files.length === 0) {
      const detail = "no picture is in it; the class stays, without pictures";
      onDefect({ kind: "empty class", file: `${folder}/${className}`, detail });
    }
    for (const file of files) images.push({ pictures: [file], className });
  }
  return { name: folder, images };
}

const PETS = { train: "annotations/trainval.txt", val: "annotations/test.txt" };

/** `american_bulldog_12` is of the class `american_bulldog`. */
async function readPets(path: string, list: string): Promise<NamedImages> {
  const files = new Map((await namesIn(`${path}/images`)).map((name) => [stemOf(name), name]));
  const images = (await readWords(list)).map(([name]) => ({
    pictures: [`${path}/images/${files.get(name) ?? `${name}.jpg`}`],
    className: name.replace(/_\d+$/, ""),
  }));
  return { name: list, images };
}

async function formatOf({ format, path, train }: ClassFolderOptions) {
  if (format !== "auto") return format;
  if (train?.endsWith(".txt")) return "pets";
  if (train !== undefined) return "folders";
  for (const name of FOLDERS.train) {
    if ((await classFolders(`${path}/${name}`)).length > 0) return "folders";
  }
  if (await exists(`${path}/${PETS.train}`)) return "pets";
  throw new InputError(
    `Cannot use ${path}: expected train/ and val/ with a folder for each class, ` +
      "or images/ and annotations/trainval.txt and test.txt as in Oxford-IIIT Pet",
  );
}
