/**
 * A COCO annotation file as found in the wild: mended where that is possible, and said so.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../image/input_error.ts";
import type { CocoAnnotation, CocoCategory, ImageId } from "../coco.ts";
import type { OnDefect, SourceImage } from "./source.ts";

/** The lists of one file, with ids that are unique and references that hold. */
export interface CocoFile {
  images: SourceImage[];
  categories: CocoCategory[];
  annotations: CocoAnnotation[];
}

const id = z.union([z.int(), z.string().min(1)]);
const size = z.number().positive().catch(0).transform(Math.trunc);
const image = z.looseObject({ id, file_name: z.string().min(1), width: size, height: size });
const category = z.looseObject({
  id: z.int(),
  name: z.string(),
  supercategory: z.string().catch("none"),
});
const annotation = z.looseObject({
  id: z.int().optional().catch(undefined),
  image_id: id,
  category_id: z.int(),
  bbox: z.tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()]),
  area: z.number().nonnegative().optional().catch(undefined),
  iscrowd: z.union([z.literal(0), z.literal(1), z.boolean().transform((crowd) => crowd ? 1 : 0)])
    .default(0),
});
const lists = z.looseObject({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()),
  categories: z.array(z.unknown()),
});

/**
 * Reads the text of an annotation file.
 *
 * Of images or categories with the same id the last one counts, as in the reference. Annotations
 * with the same id, or none, or one below 1 get a new id.
 *
 * @param file how messages call it
 * @throws {InputError} if it is no JSON or one of the three lists is missing
 */
export function parseCocoFile(text: string, file: string, onDefect: OnDefect): CocoFile {
  const parsed = lists.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new InputError(
      `Cannot use ${file}: ${path.join(".") || "it"}: ${message}; ` +
        "expected COCO's lists images, annotations and categories",
    );
  }
  const report = (kind: string, detail: string) => onDefect({ kind, file, detail });
  const sound = <T>(schema: z.ZodType<T>, entries: unknown[], list: string): T[] =>
    entries.flatMap((entry, i) => {
      const result = schema.safeParse(entry);
      if (result.success) return [result.data];
      const { path, message } = result.error.issues[0];
      report(
        `unusable entry in ${list}`,
        `${list}.${i}${nameOf(entry)}: ${path.join(".")}: ${message}; it is left out`,
      );
      return [];
    });
  const images = lastById(sound(image, parsed.data.images, "images"), "image", report);
  const categories = lastById(
    sound(category, parsed.data.categories, "categories"),
    "category",
    report,
  );
  const annotations = sound(annotation, parsed.data.annotations, "annotations").filter((object) => {
    const missing = !images.has(object.image_id)
      ? `image ${JSON.stringify(object.image_id)}`
      : !categories.has(object.category_id)
      ? `category ${object.category_id}`
      : undefined;
    if (missing === undefined) return true;
    report(
      "dangling reference",
      `annotation ${object.id} is of ${missing}, which is not in the ` +
        "file; it is left out",
    );
    return false;
  });
  return {
    images: [...images.values()],
    categories: [...categories.values()],
    annotations: numbered(annotations, report),
  };
}

/** Gives every annotation an id of its own and an area. */
function numbered(
  annotations: z.output<typeof annotation>[],
  report: (kind: string, detail: string) => void,
): CocoAnnotation[] {
  let next = annotations.reduce((high, { id }) => Math.max(high, id ?? 0), 0) + 1;
  const used = new Set<number>();
  return annotations.map((object) => {
    let { id } = object;
    if (id === undefined || id < 1 || used.has(id)) {
      report(
        "unusable annotation id",
        `annotation ${id ?? "without id"} on image ` +
          `${JSON.stringify(object.image_id)} gets the id ${next}`,
      );
      id = next++;
    }
    used.add(id);
    return { ...object, id, area: object.area ?? object.bbox[2] * object.bbox[3] };
  });
}

function lastById<K extends ImageId, T extends { id: K }>(
  entries: T[],
  what: string,
  report: (kind: string, detail: string) => void,
): Map<K, T> {
  const byId = new Map<K, T>();
  for (const entry of entries) {
    if (byId.has(entry.id)) {
      report(`duplicate ${what} id`, `${what} ${JSON.stringify(entry.id)}: the last one counts`);
    }
    byId.set(entry.id, entry);
  }
  return byId;
}

/**
 * Numbers too large for JavaScript become text, digit by digit, so that ids stay different.
 * Only a file that holds such numbers is parsed a second time, because that is slow.
 */
function parseJson(text: string, file: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    if (!/[\s:[,]\d{16,}\s*[,}\]]/.test(text)) return json;
    return JSON.parse(
      text,
      (_key, value: unknown, context?: { source?: string }) =>
        typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
          ? context?.source ?? value
          : value,
    );
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new InputError(`Cannot read ${file}: ${cause.message}`, { cause });
  }
}

function nameOf(entry: unknown): string {
  const named = z.looseObject({ id }).safeParse(entry);
  return named.success ? ` (id ${JSON.stringify(named.data.id)})` : "";
}
