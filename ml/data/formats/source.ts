/**
 * What the readers of foreign formats hand over: COCO objects, where the pictures lie, and what is
 * wrong with either.
 *
 * @module
 */
import type { CocoAnnotation, CocoCategory, ImageId } from "../coco.ts";

/** A picture as annotations describe it: sizes may be missing or wrong until it is opened. */
export interface SourceImage {
  /** Unique within the split. */
  id: ImageId;
  /** As the annotations write it. */
  file_name: string;
  /** Pixels, 0 if unknown. */
  width: number;
  /** Pixels, 0 if unknown. */
  height: number;
  /** Kept and written out again. */
  [other: string]: unknown;
}

/** One split of a foreign dataset. Ids are unique, references hold, boxes are numbers. */
export interface DetectionSource {
  /** The file that lists the images, as messages call it. */
  name: string;
  /** In the order of the file. */
  images: SourceImage[];
  /** Classes; labels follow their rising ids. */
  categories: CocoCategory[];
  /** Objects of all images. */
  annotations: CocoAnnotation[];
  /** Paths at which the picture may lie, the likeliest first. */
  candidates: (image: SourceImage) => string[];
}

/** Both splits. */
export interface DetectionSplits {
  /** To train on. */
  train: DetectionSource;
  /** To measure on. */
  val: DetectionSource;
}

/** A fault in the data that the import goes on after. */
export interface Defect {
  /** What sort of fault, for counting, e.g. `missing picture`. */
  kind: string;
  /** Path of the file it is in. */
  file: string;
  /** What is wrong and what was done about it. */
  detail: string;
}

/** Hears of every defect. */
export type OnDefect = (defect: Defect) => void;

/** What both readers take. */
export interface ReadOptions {
  /** Only these classes, by name. All that occur, unless given. */
  classes?: readonly string[] | undefined;
  /** Called for every fault, while reading. */
  onDefect: OnDefect;
}
