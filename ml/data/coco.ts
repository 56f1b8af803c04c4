/**
 * COCO's JSON for object detection: the project's own format for boxes.
 *
 * @module
 */
import { z } from "zod";

/** Numbers in COCO itself, text where the file's stem serves as id. */
const id = z.union([z.int(), z.string().min(1)]);

/** One picture. Width and height in pixels. */
export const cocoImage = z.looseObject({
  id,
  file_name: z.string().min(1),
  width: z.int().positive(),
  height: z.int().positive(),
});

/** One class. */
export const cocoCategory = z.looseObject({
  id: z.int(),
  name: z.string(),
  supercategory: z.string().default("none"),
});

/** One object. `bbox` is x, y, width, height in pixels of its image. */
export const cocoAnnotation = z.looseObject({
  id: z.int(),
  image_id: id,
  category_id: z.int(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  area: z.number(),
  /** 1 marks a group of objects: matched leniently in evaluation, left out of training. */
  iscrowd: z.union([z.literal(0), z.literal(1)]).default(0),
});

/** A whole annotation file. */
export const cocoDataset = z.looseObject({
  images: z.array(cocoImage),
  categories: z.array(cocoCategory),
  annotations: z.array(cocoAnnotation),
});

/** One picture. */
export type CocoImage = z.output<typeof cocoImage>;
/** One class. */
export type CocoCategory = z.output<typeof cocoCategory>;
/** One object. */
export type CocoAnnotation = z.output<typeof cocoAnnotation>;
/** A whole annotation file. */
export type CocoDataset = z.output<typeof cocoDataset>;
/** Id of an image: a number in COCO itself, text in sets made from VOC. */
export type ImageId = CocoImage["id"];

/** Orders ids as the reference does: numbers by value, text by character code, numbers first. */
export function compareIds(a: ImageId, b: ImageId): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
