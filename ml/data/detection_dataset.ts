/**
 * A folder of pictures with boxes: what every detection stage reads.
 *
 * `annotations.json` is COCO's JSON, the pictures lie in `images/`.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../image/input_error.ts";
import type { DetectionTarget } from "../nn/contracts.ts";
import {
  type CocoAnnotation,
  type CocoDataset,
  cocoDataset,
  compareIds,
  type ImageId,
} from "./coco.ts";

/** One picture and what training may know of it. */
export interface DetectionSample extends DetectionTarget {
  id: ImageId;
  /** Path of the picture. */
  file: string;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** N boxes (x1, y1, x2, y2), pixels, inside the image, none empty, no crowds. */
  boxes: Float32Array;
  /** [N] 1 … K-1, an index into `classes`. */
  labels: Int32Array;
}

/** A set of pictures with boxes. */
export interface DetectionDataset {
  /** [K] names; index 0 is the background. */
  classes: string[];
  /** [K] the category ids of the annotation file in rising order; index 0 is unused. */
  categoryIds: number[];
  /** In rising order of their ids. Images without objects are among them. */
  samples: DetectionSample[];
  /** The annotation file as it is, crowds and empty boxes included: what evaluation compares with. */
  groundTruth: CocoDataset;
}

/**
 * Reads `annotations.json` and checks that everything it refers to is in it.
 *
 * Pictures are not opened. Boxes are made as torchvision's reference does: corners clamped to the
 * image, boxes without width or height removed, crowds left out.
 *
 * @throws {InputError} that names the file and the faulty entry
 */
export async function readDetectionDataset(folder: string): Promise<DetectionDataset> {
  const file = `${folder}/annotations.json`;
  const groundTruth = parseCoco(await readJson(file), file);
  const categories = [...groundTruth.categories].sort((a, b) => a.id - b.id);
  const labelOf = new Map(categories.map(({ id }, i) => [id, i + 1]));
  if (labelOf.size < categories.length) {
    throw new InputError(`Cannot use ${file}: two categories have the same id`);
  }
  const objects = new Map<ImageId, CocoAnnotation[]>();
  for (const image of groundTruth.images) {
    if (objects.has(image.id)) {
      throw new InputError(
        `Cannot use ${file}: two images have the id ${JSON.stringify(image.id)}`,
      );
    }
    objects.set(image.id, []);
  }
  for (const annotation of groundTruth.annotations) {
    const { id, image_id, category_id } = annotation;
    const siblings = objects.get(image_id);
    if (siblings === undefined || !labelOf.has(category_id)) {
      const missing = siblings === undefined
        ? `image ${JSON.stringify(image_id)}`
        : `category ${category_id}`;
      throw new InputError(
        `Cannot use ${file}: annotation ${id} belongs to ${missing}, which is not in the file`,
      );
    }
    if (annotation.iscrowd === 0) siblings.push(annotation);
  }
  const samples = [...groundTruth.images].sort((a, b) => compareIds(a.id, b.id)).map(
    ({ id, file_name, width, height }) => ({
      id,
      file: `${folder}/images/${file_name}`,
      width,
      height,
      ...toTarget(objects.get(id) ?? [], width, height, labelOf),
    }),
  );
  return {
    classes: ["background", ...categories.map(({ name }) => name)],
    categoryIds: [0, ...categories.map(({ id }) => id)],
    samples,
    groundTruth,
  };
}

/** Writes `annotations.json` into a folder whose `images/` the caller fills. */
export async function writeAnnotations(folder: string, dataset: CocoDataset): Promise<void> {
  await Deno.writeTextFile(`${folder}/annotations.json`, JSON.stringify(dataset) + "\n");
}

/** Checks a parsed annotation file; `file` is how messages call it. */
export function parseCoco(json: unknown, file: string): CocoDataset {
  const result = cocoDataset.safeParse(json);
  if (result.success) return result.data;
  throw new InputError(`Cannot use ${file}: ${describe(result.error, json)}`);
}

/** Boxes and labels of one image as training wants them. */
export function toTarget(
  annotations: readonly CocoAnnotation[],
  width: number,
  height: number,
  labelOf: ReadonlyMap<number, number>,
): { boxes: Float32Array; labels: Int32Array } {
  const boxes: number[] = [];
  const labels: number[] = [];
  for (const { bbox: [x, y, w, h], category_id } of annotations) {
    const x1 = clamp(x, width), y1 = clamp(y, height);
    const x2 = clamp(x + w, width), y2 = clamp(y + h, height);
    const label = labelOf.get(category_id);
    if (label === undefined || x2 <= x1 || y2 <= y1) continue;
    boxes.push(x1, y1, x2, y2);
    labels.push(label);
  }
  return { boxes: Float32Array.from(boxes), labels: Int32Array.from(labels) };
}

/** To float32 first, as the reference does, so that "empty" means the same. */
function clamp(value: number, high: number): number {
  return Math.min(Math.max(Math.fround(value), 0), high);
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new InputError(`Cannot read ${file}: no such file`, { cause });
    }
    if (cause instanceof SyntaxError) {
      throw new InputError(`Cannot read ${file}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

/** The first fault in words, with the id of the entry it is in. */
function describe(error: z.ZodError, json: unknown): string {
  const issue = error.issues[0];
  const [list, index] = issue.path;
  const place = issue.path.map(String).join(".") || "the file";
  const id = typeof list === "string" && typeof index === "number"
    ? idOf(z.record(z.string(), z.unknown()).safeParse(json).data?.[list], index)
    : undefined;
  const which = id === undefined ? "" : ` (id ${id})`;
  const more = error.issues.length > 1 ? `, and ${error.issues.length - 1} more faults` : "";
  return `${place}${which}: ${issue.message}${more}`;
}

function idOf(list: unknown, index: number): string | undefined {
  const entry = z.looseObject({ id: z.unknown() }).safeParse(
    Array.isArray(list) ? list[index] : undefined,
  );
  return entry.success ? JSON.stringify(entry.data.id) : undefined;
}
