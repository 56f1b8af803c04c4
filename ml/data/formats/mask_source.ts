/**
 * What the readers of foreign segmentation formats hand over.
 *
 * @module
 */
import type { Split } from "../import_each.ts";

/** A picture and its mask, not opened yet. */
export interface MaskImage {
  /** How the list calls it. */
  name: string;
  /** Paths at which the picture may lie, the likeliest first. */
  pictures: string[];
  /** Path of the mask, a PNG file. */
  mask: string;
}

/** One split. */
export interface MaskSource extends Split<MaskImage> {
  classes: ClassValues;
}

/** Both splits; their classes are the same. */
export interface MaskSplits {
  /** To train on. */
  train: MaskSource;
  /** To measure on. */
  val: MaskSource;
}

/** What the values of masks stand for. */
export interface ClassValues {
  /** [K] names in the order of their indices. */
  names: string[];
  /** Value in a mask → index of the class, or 255 if it does not count; other values are unknown. */
  indexOf: ReadonlyMap<number, number>;
}
