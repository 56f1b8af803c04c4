/**
 * Brings a foreign dataset into the project's own form: pictures checked, annotations made sound.
 *
 * @module
 */
import { basename } from "node:path/posix";
import { decodeBytes, pngBytes, readHeader } from "../image/codec.ts";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import { shrink } from "../image/resample.ts";
import type { CocoAnnotation, CocoDataset, CocoImage, ImageId } from "./coco.ts";
import { toTarget, writeAnnotations } from "./detection_dataset.ts";
import { firstExisting, stemOf } from "./formats/folders.ts";
import type { DetectionSource, OnDefect, SourceImage } from "./formats/source.ts";

/** Whom to tell, and how much to take. */
export interface ImportOptions {
  onDefect: OnDefect;
  /** Take only so many images, the first ones that can be used. */
  limit?: number | undefined;
  /** Shrink pictures whose longer side has more pixels to so many, with their boxes. */
  maxSide?: number | undefined;
  signal?: AbortSignal;
  /** Called with the number of images looked at and the number there are. */
  onProgress?: (done: number, total: number) => void;
}

/** What came out. */
export interface ImportCounts {
  images: number;
  objects: number;
  crowds: number;
  /** Images without objects. */
  empty: number;
}

/** A picture that can be used. */
interface Usable {
  image: SourceImage;
  bytes: Uint8Array;
  /** The file's name, with the ending of what `bytes` are. */
  name: string;
  width: number;
  height: number;
  /** What the picture was shrunk by, [x, y]; undefined if it was not. */
  factors?: [number, number];
}

/** Pictures that are decoded at the same time. */
const AT_ONCE = 6;

/**
 * Fills a folder with one split as a detection dataset.
 *
 * Every picture is decoded once to be sure that it can be; JPEG and PNG files are then copied byte
 * for byte, others and shrunk ones become PNG. Widths and heights are those of the pictures. Images that cannot be
 * used are reported and left out, with their annotations.
 *
 * @throws {InputError} if no image can be used
 */
export async function importDetection(
  source: DetectionSource,
  folder: string,
  options: ImportOptions,
): Promise<ImportCounts> {
  const { onDefect, limit = Infinity, maxSide = Infinity, signal, onProgress } = options;
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  const images: CocoImage[] = [];
  const names = new Set<string>();
  const factorsOf = new Map<ImageId, [number, number]>();
  const total = Math.min(limit, source.images.length);
  for (let i = 0; i < source.images.length && images.length < limit; i += AT_ONCE) {
    signal?.throwIfAborted();
    const opened = await Promise.all(
      source.images.slice(i, i + AT_ONCE).map((image) =>
        openPicture(source, image, maxSide, onDefect)
      ),
    );
    for (const usable of opened) {
      if (usable === undefined || images.length >= limit) continue;
      const { image, bytes, name, width, height, factors } = usable;
      if (factors !== undefined) factorsOf.set(image.id, factors);
      const file_name = freeName(name, image.id, names);
      await Deno.writeFile(`${folder}/images/${file_name}`, bytes);
      images.push({ ...image, file_name, width, height });
    }
    onProgress?.(Math.min(total, Math.max(images.length, i + AT_ONCE)), total);
  }
  if (images.length === 0) {
    throw new InputError(`Cannot use ${source.name}: none of its pictures can be read`);
  }
  const shrunk = { ...source, annotations: shrinkAnnotations(source.annotations, factorsOf) };
  const annotations = annotationsOf(shrunk, images, onDefect);
  const dataset: CocoDataset = {
    images,
    type: "instances",
    annotations,
    categories: source.categories,
  };
  await writeAnnotations(folder, dataset);
  const busy = new Set(annotations.map(({ image_id }) => image_id));
  return {
    images: images.length,
    objects: annotations.filter(({ iscrowd }) => iscrowd === 0).length,
    crowds: annotations.filter(({ iscrowd }) => iscrowd === 1).length,
    empty: images.filter(({ id }) => !busy.has(id)).length,
  };
}

/** Finds, reads and decodes the picture of an image; undefined if that is not possible. */
async function openPicture(
  source: DetectionSource,
  image: SourceImage,
  maxSide: number,
  onDefect: OnDefect,
): Promise<Usable | undefined> {
  const paths = source.candidates(image);
  const path = await firstExisting(paths);
  if (path === undefined) {
    const detail = `the picture of image ${JSON.stringify(image.id)} is not there; it is left out`;
    onDefect({ kind: "missing picture", file: paths[0], detail });
    return undefined;
  }
  try {
    const bytes = await Deno.readFile(path);
    const { format, orientation } = await readHeader(bytes, path);
    const picture = await decodeBytes(bytes, path);
    const { width, height } = picture;
    const report = (kind: string, detail: string) => onDefect({ kind, file: path, detail });
    if (image.width > 0 && (image.width !== width || image.height !== height)) {
      const detail = `annotations say ${image.width}x${image.height}, the picture is ` +
        `${width}x${height}; the picture counts`;
      report("wrong size", detail);
    }
    if (orientation !== undefined) {
      report("EXIF rotation", `it asks to be turned (orientation ${orientation}); it is not`);
    }
    const side = Math.max(width, height);
    if (side > maxSide) return await shrinkPicture(image, path, picture, maxSide / side);
    const kept = format === "jpeg" || format === "png";
    if (!kept) report("other file type", `it is of type ${format}; it is saved as PNG`);
    return {
      image,
      bytes: kept ? bytes : await pngBytes(picture),
      name: kept ? basename(path) : `${stemOf(basename(path))}.png`,
      width,
      height,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const detail = `${error.message}; it is left out`;
    onDefect({ kind: "unreadable picture", file: path, detail });
    return undefined;
  }
}

async function shrinkPicture(
  image: SourceImage,
  path: string,
  picture: Picture,
  factor: number,
): Promise<Usable> {
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  return {
    image,
    bytes: await pngBytes(await shrink(picture, { width, height })),
    name: `${stemOf(basename(path))}.png`,
    width,
    height,
    factors: [width / picture.width, height / picture.height],
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

/** A name nobody has yet; pictures from several folders come to lie in one. */
function freeName(wanted: string, id: ImageId, taken: Set<string>): string {
  let free = wanted;
  for (let i = 0; taken.has(free.toLowerCase()); i++) {
    free = `${String(id).replace(/[^\w.-]/g, "_")}${i === 0 ? "" : `_${i}`}_${wanted}`;
  }
  taken.add(free.toLowerCase());
  return free;
}
