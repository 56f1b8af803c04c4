/**
 * Pascal VOC's XML annotations as COCO objects.
 *
 * @module
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import { InputError } from "../../image/input_error.ts";
import type { CocoAnnotation, CocoCategory, ImageId } from "../coco.ts";
import type { OnDefect, SourceImage } from "./source.ts";

/** One XML file, read but not judged. */
export interface VocRecord {
  /** Path of the XML file, for messages. */
  file: string;
  /** Base name of the picture. */
  fileName: string;
  /** Pixels, 0 if the file does not say. */
  width: number;
  /** Pixels, 0 if the file does not say. */
  height: number;
  objects: VocObject[];
}

/** One object: texts as they stand in the file. */
export interface VocObject {
  name: string;
  /** xmin, ymin, xmax, ymax: pixels counted from 1, corners included. */
  box: [string, string, string, string];
  /** Whether the annotator found it hard to recognise. */
  difficult: boolean;
}

/** How records become COCO objects. */
export interface VocOptions {
  /** Names of the classes; the order defines the ids from 1. */
  labels: readonly string[];
  /** Take the first number in the file's name as id instead of its stem. */
  numericIds?: boolean;
  /** Hears of a faulty object, which is then left out. Without it the first fault is an error. */
  onDefect?: OnDefect;
}

/** A converted set. */
export interface VocAsCoco {
  images: (SourceImage & { id: ImageId })[];
  type: "instances";
  annotations: CocoAnnotation[];
  categories: CocoCategory[];
}

const text = z.string().default("");
/** A tag that stands once is an object, one that is empty a string. */
const record = z.object({
  annotation: z.object({
    path: z.string().optional(),
    filename: text,
    size: z.object({ width: text, height: text }).catch({ width: "", height: "" }),
    object: z.array(z.object({
      name: text,
      difficult: text,
      bndbox: z.object({ xmin: text, ymin: text, xmax: text, ymax: text })
        .catch({ xmin: "", ymin: "", xmax: "", ymax: "" }),
    })).default([]),
  }),
});

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (_name, path) => path === "annotation.object",
});

/**
 * Reads one XML file. Parts of objects (heads, hands) are not objects of their own.
 *
 * @param file how messages call it
 * @throws {InputError} if the text is no XML or no annotation
 */
export function parseVoc(xml: string, file: string): VocRecord {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    const { line, col, msg } = valid.err;
    throw new InputError(`Cannot read ${file}: line ${line}, column ${col}: ${msg}`);
  }
  const parsed = record.safeParse(parser.parse(xml));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new InputError(`Cannot read ${file}: ${path.join(".") || "it"}: ${message}`);
  }
  const { path, filename, size, object } = parsed.data.annotation;
  const fileName = (path || filename).replace(/^.*[\\/]/, ""); // either system's separator
  if (fileName === "") throw new InputError(`Cannot read ${file}: it names no picture`);
  return {
    file,
    fileName,
    width: wholeNumber(size.width),
    height: wholeNumber(size.height),
    objects: object.map(({ name, difficult, bndbox: { xmin, ymin, xmax, ymax } }) => ({
      name,
      box: [xmin, ymin, xmax, ymax],
      difficult: difficult.trim() === "1",
    })),
  };
}

/**
 * Converts records, as the reference's converter does.
 *
 * Corners are truncated to whole numbers; the minima, which VOC counts from 1, are lowered by one.
 * The flags difficult, truncated and occluded are not looked at, so every object counts.
 *
 * @throws {InputError} at the first faulty object, unless `onDefect` hears of them
 */
export function vocToCoco(records: readonly VocRecord[], options: VocOptions): VocAsCoco {
  const { labels, numericIds = false, onDefect = refuse } = options;
  const idOf = new Map(labels.map((name, i) => [name, i + 1]));
  const annotations: CocoAnnotation[] = [];
  const images = records.map(({ file, fileName, width, height, objects }) => {
    const stem = fileName.replace(/(?<=.)\.[^.]*$/, "");
    const imageId = numericIds ? firstNumber(stem, file) : stem;
    for (const object of objects) {
      const bbox = toBbox(object);
      const category = idOf.get(object.name);
      if (bbox === undefined) {
        onDefect({
          kind: "box without area",
          file,
          detail: `object "${object.name}" has the box ${object.box.join(", ")}; ` +
            "expected xmin ≤ xmax and ymin ≤ ymax; the object is left out",
        });
      } else if (category === undefined) {
        onDefect({
          kind: "unknown class",
          file,
          detail: `object "${object.name}" is of no known class; the object is left out`,
        });
      } else {
        annotations.push({
          area: bbox[2] * bbox[3],
          iscrowd: 0,
          bbox,
          category_id: category,
          ignore: 0,
          segmentation: [],
          image_id: imageId,
          id: annotations.length + 1,
        });
      }
    }
    return { file_name: fileName, height, width, id: imageId };
  });
  const categories = labels.map((name, i) => ({ supercategory: "none", id: i + 1, name }));
  return { images, type: "instances", annotations, categories };
}

function toBbox({ box }: VocObject): CocoAnnotation["bbox"] | undefined {
  if (box.some((text) => text.trim() === "")) return undefined;
  const [xmin, ymin, xmax, ymax] = box.map((text) => Math.trunc(Number(text)));
  const w = xmax - (xmin - 1), h = ymax - (ymin - 1);
  // Negated, so that NaN is refused too.
  return !(w > 0 && h > 0) ? undefined : [xmin - 1, ymin - 1, w, h];
}

function wholeNumber(text: string): number {
  const value = Math.trunc(Number(text));
  return value > 0 && Number.isSafeInteger(value) ? value : 0;
}

function firstNumber(stem: string, file: string): number {
  const digits = stem.match(/\d+/);
  if (digits === null) throw new InputError(`Cannot use ${file}: its name holds no number`);
  return Number(digits[0]);
}

const refuse: OnDefect = ({ file, detail }) => {
  throw new InputError(`Cannot use ${file}: ${detail.replace(/; the object is left out$/, "")}`);
};
