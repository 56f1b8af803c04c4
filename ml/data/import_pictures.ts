/**
 * Brings pictures of any kind into the project's own form: a folder of PNG files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path/posix";
import { decodeBytes, pngBytes } from "../image/codec.ts";
import { InputError } from "../image/input_error.ts";
import type { Extent } from "./extent.ts";
import { stemOf } from "./formats/folders.ts";
import { freeName, importEach, type ImportOptions, type Split } from "./import_each.ts";
import { type ImportedPicture, importPicture } from "./import_picture.ts";
import { cropPicture } from "./pixels.ts";

/** What is taken, and how. */
export interface PictureOptions extends ImportOptions {
  /** Cut at the right and below until both sides are multiples of it, pixels. */
  multiple: number;
  /** Pictures of which a side is shorter are left out, pixels. */
  minSide: number;
}

/**
 * Fills `images/` of a folder. Pictures that cannot be used, and copies of those before them, are
 * reported and left out. Nothing is lost on the way: JPEG becomes PNG as it is decoded.
 *
 * @returns sizes of the pictures as they were written
 * @throws {InputError} if no picture can be used
 */
export async function importPictures(
  source: Split<string>,
  folder: string,
  options: PictureOptions,
): Promise<Extent[]> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  const { onDefect, multiple } = options;
  // A picture must not vanish when it is cut.
  const minSide = Math.max(options.minSide, multiple);
  const open = async (path: string) => {
    const picture = await importPicture([path], "a picture", options);
    return picture && { picture, path };
  };
  const known = new Map<string, string>();
  const taken = new Set<string>();
  const sizes: Extent[] = [];
  for await (const { picture, path } of importEach(source, open, options)) {
    const { width, height, bytes } = picture;
    const leftOut = (kind: string, detail: string) =>
      onDefect({ kind, file: path, detail: `${detail}; it is left out` });
    if (Math.min(width, height) < minSide) {
      leftOut("small picture", `it is ${width}x${height}, expected ${minSide} pixels each way`);
      continue;
    }
    const digest = createHash("sha256").update(bytes).digest("hex");
    const first = known.get(digest);
    if (first !== undefined) {
      leftOut("duplicate picture", `it is the same as ${first}`);
      continue;
    }
    known.set(digest, path);
    const name = `${stemOf(basename(path))}.png`;
    const size = { width: width - width % multiple, height: height - height % multiple };
    await Deno.writeFile(
      `${folder}/images/${freeName(name, basename(dirname(path)), taken)}`,
      await toPng(picture, size),
    );
    sizes.push(size);
  }
  if (sizes.length > 0) return sizes;
  throw new InputError(
    `Cannot use ${source.name}: all its pictures are smaller than ${minSide} pixels`,
  );
}

/** The upper left part as the bytes of a PNG file; those that are there already if it is all. */
async function toPng(
  { bytes, name, width, height }: ImportedPicture,
  size: Extent,
): Promise<Uint8Array> {
  const whole = size.width === width && size.height === height;
  if (whole && /\.png$/i.test(name)) return bytes;
  return await pngBytes(cropPicture(await decodeBytes(bytes, name), 0, 0, size.width, size.height));
}
