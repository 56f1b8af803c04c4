/**
 * Takes out of Pascal VOC's archive what one task needs: it serves several, and is large.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { unpack } from "./archive.ts";
import { readWords } from "./formats/lists.ts";
import { findVoc } from "./formats/voc_folder.ts";
import type { UnpackOptions } from "./unpacking.ts";

/** A task's part of the archive. */
export interface VocPart {
  /** Folder of its annotations, e.g. `SegmentationClass`. */
  labels: string;
  /** Folder of its lists in `ImageSets/`, e.g. `Segmentation`. */
  lists: string;
}

/**
 * Unpacks a task's annotations and lists, and then only the pictures that the lists name.
 *
 * @param folder where to
 * @returns the folder that holds `JPEGImages/`
 */
export async function unpackVoc(
  archive: string,
  folder: string,
  { labels, lists }: VocPart,
  { signal, onProgress }: Pick<UnpackOptions, "signal" | "onProgress">,
): Promise<string> {
  const pass = (number: number, include: (path: string) => boolean) =>
    unpack(archive, folder, {
      include,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (done, total) => onProgress?.(number * total + done, 2 * total),
    });
  const wanted = [`/${labels}/`, `/ImageSets/${lists}/`];
  await pass(0, (path) => wanted.some((part) => `/${path}/`.includes(part)));
  const base = await findVoc(folder, labels);
  if (base === undefined) {
    throw new InputError(
      `Cannot use ${archive}: expected VOCdevkit/VOC2012/${labels} in it; ` +
        "it is not Pascal VOC's archive",
    );
  }
  const names = new Set<string>();
  for (const split of ["train", "val"]) {
    const list = await readWords(`${base}/ImageSets/${lists}/${split}.txt`);
    for (const [name] of list) names.add(`${name}.jpg`);
  }
  await pass(1, (path) => {
    const [place, name] = path.split("/").slice(-2);
    return place === "JPEGImages" && names.has(name);
  });
  return base;
}
