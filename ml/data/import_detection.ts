/**
 * Brings a foreign dataset into the project's own form: pictures checked, annotations made sound.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { CocoAnnotation, CocoDataset, CocoImage, ImageId } from "./coco.ts";
import { toTarget, writeAnnotations } from "./detection_dataset.ts";
import { sameSize } from "./extent.ts";
import type { DetectionSource, OnDefect, SourceImage } from "./formats/source.ts";
import { freeName, importEach, type ImportOptions } from "./import_each.ts";
import { importPicture } from "./import_picture.ts";
import type { Importer } from "./import_splits.ts";

/** Detection datasets. */
export const detectionImporter: Importer<DetectionSource> = {
  columns: ["images", "objects", "crowds", "without objects"],
  importSplit: importDetection,
};

/**
 * Fills a folder with one split as a detection dataset.
 *
 * Every picture is decoded once to be sure that it can be, see {@link importPicture}. Widths and
 * heights are those of the pictures. Images that cannot be used are reported and left out, with
 * their annotations.
 *
 * @throws {InputError} if there are no classes, or no image can be used
 */
async function importDetection(
  source: DetectionSource,
  folder: string,
  options: ImportOptions,
): ReturnType<Importer<DetectionSource>["importSplit"]> {
  if (source.categories.length === 0) {
    throw new InputError(`Cannot use ${source.name}: it has no classes`);
  }
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  const images: CocoImage[] = [];
  const names = new Set<string>();
  const factorsOf = new Map<ImageId, [number, number]>();
  const open = async (image: SourceImage) => {
    const what = `the picture of image ${JSON.stringify(image.id)}`;
    const said = image.width > 0 ? image : undefined;
    const picture = await importPicture(source.candidates(image), what, options, said);
    return picture === undefined ? undefined : { image, picture };
  };
  for await (const { image, picture } of importEach(source, open, options)) {
    const { bytes, name, width, height, original } = picture;
    if (!sameSize([picture, original])) {
      factorsOf.set(image.id, [width / original.width, height / original.height]);
    }
    const file_name = freeName(name, String(image.id), names);
    await Deno.writeFile(`${folder}/images/${file_name}`, bytes);
    images.push({ ...image, file_name, width, height });
  }
  const shrunk = { ...source, annotations: shrinkAnnotations(source.annotations, factorsOf) };
  const annotations = annotationsOf(shrunk, images, options.onDefect);
  const dataset: CocoDataset = {
    images,
    type: "instances",
    annotations,
    categories: source.categories,
  };
  await writeAnnotations(folder, dataset);
  const busy = new Set(annotations.map(({ image_id }) => image_id));
  const objects = annotations.filter(({ iscrowd }) => iscrowd === 0).length;
  const crowds = annotations.filter(({ iscrowd }) => iscrowd === 1).length;
  const empty = images.filter(({ id }) => !busy.has(id)).length;
  return {
    numbers: [images.length, objects, crowds, empty],
    summary: `${images.length} images, ${objects} objects, ${empty} images without objects`,
  };
}

/** Boxes and areas follow the pictures; outlines, which detection has no use for, are dropped. */
function shrinkAnnotations(
  annotations: readonly CocoAnnotation[],
  factorsOf: ReadonlyMap<ImageId, readonly [number, number]>,
): CocoAnnotation[] {
  return annotations.map((annotation) => {
    const factors = factorsOf.get(annotation.image_id);
    if (factors === undefined) return annotation;
    const [fx, fy] = factors;
    const [x, y, w, h] = annotation.bbox;
    return {
      ...annotation,
      bbox: [x * fx, y * fy, w * fx, h * fy],
      area: annotation.area * fx * fy,
      segmentation: [],
    };
  });
}

/** The annotations of the images that are left, in their order. */
function annotationsOf(
  { name, annotations, categories }: DetectionSource,
  images: readonly CocoImage[],
  onDefect: OnDefect,
): CocoAnnotation[] {
  const byId = new Map<ImageId, CocoImage>(images.map((image) => [image.id, image]));
  const labelOf = new Map(categories.map(({ id }) => [id, 1]));
  return annotations.filter((annotation) => {
    const image = byId.get(annotation.image_id);
    if (image === undefined) return false;
    const { labels } = toTarget([annotation], image.width, image.height, labelOf);
    if (labels.length === 0) {
      const detail = `annotation ${annotation.id}, box ${annotation.bbox.join(", ")}, covers ` +
        `nothing of ${image.file_name} (${image.width}x${image.height}); ` +
        "training leaves it out, evaluation counts it";
      onDefect({ kind: "box without area", file: name, detail });
    }
    return true;
  });
}
