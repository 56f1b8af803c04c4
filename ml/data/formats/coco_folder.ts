/**
 * COCO's folders: `annotations/instances_<split>.json` and one picture folder per split.
 *
 * @module
 */
import { basename, dirname } from "node:path/posix";
import { InputError } from "../../image/input_error.ts";
import { type CocoCategory, compareIds } from "../coco.ts";
import { type CocoFile, parseCocoFile } from "./coco.ts";
import { exists, namesIn, stemOf } from "./folders.ts";
import type { DetectionSource, DetectionSplits, ReadOptions } from "./source.ts";

/** Where things lie, relative to the folder; what is left out is looked for. */
export interface CocoLayout {
  /** Annotation file. */
  train?: string | undefined;
  /** Annotation file. */
  val?: string | undefined;
  /** Folder of pictures. */
  train_images?: string | undefined;
  /** Folder of pictures. */
  val_images?: string | undefined;
}

const SPLITS = { train: ["train"], val: ["val", "valid", "validation", "test"] } as const;
type Split = keyof typeof SPLITS;

/** Whether the folder looks like COCO's. */
export async function looksLikeCoco(folder: string): Promise<boolean> {
  return (await annotationFiles(folder, "train")).length > 0;
}

/**
 * Reads both splits. Classes are the union of both files' categories, by id.
 *
 * @throws {InputError} if an annotation file is missing, unclear or unreadable
 */
export async function readCocoFolder(
  folder: string,
  layout: CocoLayout,
  options: ReadOptions,
): Promise<DetectionSplits> {
  const train = await readSplit(folder, "train", layout, options);
  const val = await readSplit(folder, "val", layout, options);
  const categories = chosen(union([train, val]), options.classes, folder);
  return { train: restricted(train, categories), val: restricted(val, categories) };
}

async function readSplit(
  folder: string,
  split: Split,
  layout: CocoLayout,
  { onDefect }: ReadOptions,
): Promise<DetectionSource> {
  const name = await findAnnotations(folder, split, layout[split]);
  const file: CocoFile = parseCocoFile(await readText(name), name, onDefect);
  const given = layout[`${split}_images`];
  // instances_train2017.json → train2017
  const suffix = stemOf(basename(name)).split("_").at(-1) ?? split;
  const words = [...new Set([suffix, ...SPLITS[split]])];
  const folders = given !== undefined ? [`${folder}/${given}`] : [
    ...words.map((word) => `${folder}/${word}`),
    ...words.map((word) => `${folder}/images/${word}`),
    dirname(name),
    `${folder}/images`,
    folder,
  ];
  return {
    name,
    ...file,
    images: file.images.sort((a, b) => compareIds(a.id, b.id)),
    candidates: ({ file_name }) => folders.map((place) => `${place}/${file_name}`),
  };
}

async function findAnnotations(
  folder: string,
  split: Split,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return `${folder}/${given}`;
  const found = await annotationFiles(folder, split);
  if (found.length === 1) return found[0];
  const expected = `annotations/instances_${split}.json`;
  throw new InputError(
    found.length === 0
      ? `Cannot use ${folder}: expected ${expected}; say where it is with "${split}"`
      : `Cannot use ${folder}: ${found.join(" and ")} may both be ${expected}; ` +
        `say which with "${split}"`,
  );
}

/** Annotation files that may belong to a split; only those of the likeliest name. */
async function annotationFiles(folder: string, split: Split): Promise<string[]> {
  const names: string[] = [];
  for (const place of ["annotations", "."]) {
    names.push(
      ...(await namesIn(`${folder}/${place}`)).map((name) => `${folder}/${place}/${name}`),
    );
  }
  for (const word of SPLITS[split]) {
    const inSplit = `${folder}/${word}/_annotations.coco.json`;
    if (await exists(inSplit)) return [inSplit];
    const matching = names.filter((name) => {
      const stem = basename(name);
      return new RegExp(`(^|[^a-z])${word}\\d*\\.json$`).test(stem) &&
        !/captions|keypoints|panoptic|stuff/.test(stem);
    });
    const instances = matching.filter((name) => basename(name).startsWith("instances"));
    if (instances.length > 0) return instances;
    if (matching.length > 0) return matching;
  }
  return [];
}

function union(sources: readonly DetectionSource[]): CocoCategory[] {
  const byId = new Map<number, CocoCategory>();
  for (const { name, categories } of sources) {
    for (const category of categories) {
      const known = byId.get(category.id);
      if (known !== undefined && known.name !== category.name) {
        throw new InputError(
          `Cannot use ${name}: category ${category.id} is "${category.name}" there, ` +
            `but "${known.name}" in the other split`,
        );
      }
      byId.set(category.id, known ?? category);
    }
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

function chosen(
  categories: CocoCategory[],
  classes: readonly string[] | undefined,
  folder: string,
): CocoCategory[] {
  if (classes === undefined) return categories;
  const names = categories.map(({ name }) => name);
  const missing = classes.filter((name) => !names.includes(name));
  if (missing.length === 0) return categories.filter(({ name }) => classes.includes(name));
  throw new InputError(
    `Cannot use ${folder}: it has no class "${missing.join('", "')}"; ` +
      `expected some of ${names.join(", ")}`,
  );
}

function restricted(source: DetectionSource, categories: CocoCategory[]): DetectionSource {
  const ids = new Set(categories.map(({ id }) => id));
  const annotations = source.annotations.filter(({ category_id }) => ids.has(category_id));
  return { ...source, categories, annotations };
}

async function readText(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new InputError(`Cannot read ${file}: no such file`, { cause });
  }
}
