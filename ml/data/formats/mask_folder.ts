/**
 * A folder of pictures and masks in one of the known layouts.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { classValues, givenClasses, type NamedValue, readClassList } from "./class_list.ts";
import { exists, namesIn, stemOf } from "./folders.ts";
import { findList, readWords } from "./lists.ts";
import type { MaskImage, MaskSplits } from "./mask_source.ts";
import type { OnDefect } from "./source.ts";
import { findVoc } from "./voc_folder.ts";

/** Which folder, and what is known of it. */
export interface MaskFolderOptions {
  path: string;
  /**
   * `voc`: `SegmentationClass/` and lists of names; `segnet`: lists of picture and mask; `pets`: the
   * trimaps of the Oxford-IIIT Pet dataset. `auto` tells them by what is there.
   */
  format: "auto" | Layout;
  /** Names of the classes; from the folder unless given. */
  classes?: readonly string[] | undefined;
  /** Value of each of `classes` in the masks; 0, 1, 2, … unless given. */
  values?: readonly number[] | undefined;
  /** Values that do not count; by their names unless given. */
  void?: readonly number[] | undefined;
  /** List of the training images, relative to the path; looked for unless given. */
  train?: string | undefined;
  /** List of the validation images. */
  val?: string | undefined;
  onDefect: OnDefect;
}

type Layout = "voc" | "segnet" | "pets";

/** How one layout is read. */
interface Reader {
  /** The folder that everything is relative to. */
  base: string;
  /** Where the lists may lie, the likeliest first. */
  lists: Record<"train" | "val", string[]>;
  /** The image that a line of a list names. */
  image(words: string[]): MaskImage;
  /** What the masks' values stand for, unless a person says it. */
  classes(): Promise<NamedValue[]>;
}

/**
 * Reads both splits of a folder.
 *
 * @throws {InputError} if there is nothing at the path, or nothing known, or a list is missing or
 * empty
 */
export async function readMaskFolder(options: MaskFolderOptions): Promise<MaskSplits> {
  const { path, classes, values, onDefect } = options;
  if (!await exists(path)) throw new InputError(`Cannot read ${path}: no such folder`);
  if (classes === undefined && values !== undefined) {
    throw new InputError('Cannot use "values" without "classes": they are the values of these');
  }
  const { base, lists, image, classes: found } = await READERS[await formatOf(options)](path);
  const named = classes === undefined ? await found() : givenClasses(classes, values);
  const known = classValues(named, options.void);
  const split = async (name: "train" | "val") => {
    const list = await findList(base, options[name], name, lists[name]);
    return { name: list, images: await readImages(list, image, onDefect), classes: known };
  };
  return { train: await split("train"), val: await split("val") };
}

/** The images of a list, each once. */
async function readImages(
  list: string,
  image: (words: string[]) => MaskImage,
  onDefect: OnDefect,
): Promise<MaskImage[]> {
  const images = new Map<string, MaskImage>();
  for (const words of await readWords(list)) {
    const found = image(words);
    if (images.has(found.name)) {
      onDefect({ kind: "listed twice", file: list, detail: `"${found.name}" is taken once` });
    }
    images.set(found.name, found);
  }
  if (images.size === 0) throw new InputError(`Cannot use ${list}: it names no image`);
  return [...images.values()];
}

const READERS: Record<Layout, (path: string) => Promise<Reader>> = {
  async voc(path) {
    const base = await findVoc(path, "SegmentationClass") ?? path;
    const pictures = await byStem(base, ["JPEGImages", "images", "train", "val"]);
    return {
      base,
      lists: {
        train: ["ImageSets/Segmentation/train.txt", "train.txt"],
        val: ["ImageSets/Segmentation/val.txt", "val.txt"],
      },
      image: ([name]) => ({
        name,
        pictures: [pictures.get(name) ?? `${base}/JPEGImages/${name}.jpg`],
        mask: `${base}/SegmentationClass/${name}.png`,
      }),
      classes: () => readClassList(path),
    };
  },

  // Lists of the CamVid dataset as SegNet's authors give it name files by where they lay there.
  segnet(path) {
    const below = (file: string) => `${path}/${file.split("/").slice(-2).join("/")}`;
    return Promise.resolve({
      base: path,
      lists: { train: ["train.txt"], val: ["val.txt", "valid.txt", "test.txt"] },
      image: ([picture, mask = annotationOf(picture)]) => ({
        name: picture,
        pictures: [below(picture)],
        mask: below(mask),
      }),
      classes: () => readClassList(path),
    });
  },

  async pets(path) {
    const pictures = await byStem(path, ["images"]);
    return {
      base: path,
      lists: { train: ["annotations/trainval.txt"], val: ["annotations/test.txt"] },
      image: ([name]) => ({
        name,
        pictures: [pictures.get(name) ?? `${path}/images/${name}.jpg`],
        mask: `${path}/annotations/trimaps/${name}.png`,
      }),
      // The border around an animal is "not classified".
      classes: () => Promise.resolve(givenClasses(["animal", "background", "void"], [1, 2, 3])),
    };
  },
};

/** `train/a.jpg` → `trainannot/a.png` */
function annotationOf(picture: string): string {
  return `${stemOf(picture.replace(/\/(?=[^/]*$)/, "annot/"))}.png`;
}

async function formatOf({ format, path }: MaskFolderOptions): Promise<Layout> {
  if (format !== "auto") return format;
  if (await findVoc(path, "SegmentationClass") !== undefined) return "voc";
  if (await exists(`${path}/trainannot`)) return "segnet";
  if (await exists(`${path}/annotations/trimaps`)) return "pets";
  throw new InputError(
    `Cannot use ${path}: expected a folder SegmentationClass with masks as in Pascal VOC, ` +
      "train.txt and trainannot as in CamVid, or annotations/trimaps as in Oxford-IIIT Pet",
  );
}

/** Files of some folders by the part of their names before the last dot. */
async function byStem(base: string, folders: string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const name of await namesIn(`${base}/${folder}`)) {
      const stem = stemOf(name);
      if (!files.has(stem)) files.set(stem, `${base}/${folder}/${name}`);
    }
  }
  return files;
}
