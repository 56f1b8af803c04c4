/**
 * Brings a foreign segmentation dataset into the project's own form: pictures checked, values of
 * masks made class indices.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { decodeMask, encodeMask, type Mask } from "../image/mask.ts";
import { resizeNearest } from "../image/pillow_resize.ts";
import { sameSize } from "./extent.ts";
import { exists, stemOf } from "./formats/folders.ts";
import type { ClassValues, MaskImage, MaskSource } from "./formats/mask_source.ts";
import { freeName, importEach, type ImportOptions } from "./import_each.ts";
import { type ImportedPicture, importPicture } from "./import_picture.ts";
import type { Importer } from "./import_splits.ts";
import { writeSamples } from "./samples.ts";
import { type SegmentationEntry, VOID } from "./segmentation_dataset.ts";

/** Segmentation datasets. */
export const maskImporter: Importer<MaskSource> = {
  columns: ["images", "classes that occur", "% of pixels that count"],
  importSplit: importMasks,
};

/**
 * Fills a folder with one split as a segmentation dataset.
 *
 * A picture is left out, and reported, if it or its mask cannot be used, or no pixel counts.
 *
 * @throws {InputError} if no image can be used
 */
async function importMasks(
  source: MaskSource,
  folder: string,
  options: ImportOptions,
): ReturnType<Importer<MaskSource>["importSplit"]> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  await Deno.mkdir(`${folder}/masks`, { recursive: true });
  const { names: classes } = source.classes;
  const samples: SegmentationEntry[] = [];
  const pixels = new Float64Array(VOID + 1); // of each class, and of none
  const taken = { images: new Set<string>(), masks: new Set<string>() };
  const open = async (image: MaskImage) => {
    const picture = await importPicture(
      image.pictures,
      `the picture of "${image.name}"`,
      options,
    );
    if (picture === undefined) return undefined;
    const mask = await openMask(image, picture, source.classes, options);
    return mask === undefined ? undefined : { picture, mask };
  };
  for await (
    const { picture: { bytes, name, width, height }, mask } of importEach(source, open, options)
  ) {
    const prefix = String(samples.length);
    const entry = {
      image: freeName(name, prefix, taken.images),
      mask: freeName(`${stemOf(name)}.png`, prefix, taken.masks),
      width,
      height,
    };
    await Deno.writeFile(`${folder}/images/${entry.image}`, bytes);
    await encodeMask(mask, `${folder}/masks/${entry.mask}`);
    samples.push(entry);
    for (const value of mask.data) pixels[value]++;
  }
  await writeSamples(folder, { classes, samples });
  const occurring = classes.filter((_, index) => pixels[index] > 0).length;
  const counted = pixels.subarray(0, VOID).reduce((a, b) => a + b, 0);
  const share = (count: number) => Math.round(1000 * count / (counted + pixels[VOID])) / 10;
  const largest = classes.map((name, index) => ({ name, share: share(pixels[index]) }))
    .sort((a, b) => b.share - a.share).slice(0, 10);
  return {
    numbers: [samples.length, occurring, share(counted)],
    summary: `${samples.length} images; ` +
      largest.map(({ name, share }) => `${name} ${share} %`).join(", ") +
      `${classes.length > largest.length ? ", …" : ""}; not counted ${share(pixels[VOID])} %`,
  };
}

/** The mask of a picture in class indices and the picture's size; undefined if that is not possible. */
async function openMask(
  { mask: path }: MaskImage,
  { original, width, height }: ImportedPicture,
  { indexOf }: ClassValues,
  { onDefect }: ImportOptions,
): Promise<Mask | undefined> {
  const leftOut = (kind: string, detail: string) => {
    onDefect({ kind, file: path, detail: `${detail}; the picture is left out` });
    return undefined;
  };
  if (!await exists(path)) return leftOut("missing mask", "no such file");
  let mask: Mask;
  try {
    mask = await decodeMask(path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return leftOut("unreadable mask", error.message);
  }
  if (!sameSize([mask, original])) {
    return leftOut(
      "wrong size",
      `the mask is ${mask.width}x${mask.height}, the picture ${original.width}x${original.height}`,
    );
  }
  const { data, unknown } = toIndices(mask, indexOf);
  if (unknown.size > 0) {
    const count = [...unknown.values()].reduce((a, b) => a + b);
    const values = [...unknown.keys()].sort((a, b) => a - b).join(", ");
    const detail = `${count} pixels have values of no class: ${values}; they do not count`;
    onDefect({ kind: "unknown value", file: path, detail });
  }
  if (data.every((index) => index === VOID)) return leftOut("empty mask", "no pixel counts");
  const wanted = { width, height };
  return sameSize([mask, wanted])
    ? { ...wanted, data }
    : { ...wanted, data: resizeNearest({ ...mask, data }, wanted) };
}

/** Class indices, and how many pixels have which values that stand for none. */
function toIndices({ data }: Mask, indexOf: ClassValues["indexOf"]) {
  const table = Int16Array.from({ length: 256 }, (_, value) => indexOf.get(value) ?? -1);
  const unknown = new Map<number, number>();
  const indices = data.map((value) => {
    if (table[value] >= 0) return table[value];
    unknown.set(value, (unknown.get(value) ?? 0) + 1);
    return VOID;
  });
  return { data: indices, unknown };
}
