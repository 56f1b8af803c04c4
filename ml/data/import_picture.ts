/**
 * Brings one picture of a foreign dataset into a form that everything here can read.
 *
 * @module
 */
import { basename } from "node:path/posix";
import { decodeBytes, pngBytes, readHeader } from "../image/codec.ts";
import { InputError } from "../image/input_error.ts";
import type { Picture } from "../image/picture.ts";
import { shrink } from "../image/resample.ts";
import type { Extent } from "./extent.ts";
import { firstExisting, stemOf } from "./formats/folders.ts";
import type { ImportOptions } from "./import_each.ts";

/** A picture that can be used. */
export interface ImportedPicture extends Extent {
  /** A JPEG or PNG file. */
  bytes: Uint8Array;
  /** The file's name, with the ending of what `bytes` are. */
  name: string;
  /** What it was before it was shrunk, if it was. */
  original: Extent;
}

/**
 * Finds, reads and decodes a picture; undefined if that is not possible, which is reported.
 *
 * JPEG and PNG files stay as they are, byte for byte; others and shrunk ones become PNG.
 *
 * @param paths where it may lie, the likeliest first
 * @param what how reports call it, e.g. `the picture of image 7`
 * @param said what the annotations say of its size, if they do; the picture itself counts
 */
export async function importPicture(
  paths: readonly string[],
  what: string,
  { onDefect, maxSide = Infinity }: ImportOptions,
  said?: Extent,
): Promise<ImportedPicture | undefined> {
  const path = await firstExisting(paths);
  if (path === undefined) {
    const detail = `${what} is not there; it is left out`;
    onDefect({ kind: "missing picture", file: paths[0], detail });
    return undefined;
  }
  try {
    const bytes = await Deno.readFile(path);
    const { format, orientation } = await readHeader(bytes, path);
    const picture = await decodeBytes(bytes, path);
    const { width, height } = picture;
    const report = (kind: string, detail: string) => onDefect({ kind, file: path, detail });
    if (said !== undefined && (said.width !== width || said.height !== height)) {
      const detail = `annotations say ${said.width}x${said.height}, the picture is ` +
        `${width}x${height}; the picture counts`;
      report("wrong size", detail);
    }
    if (orientation !== undefined) {
      report("EXIF rotation", `it asks to be turned (orientation ${orientation}); it is not`);
    }
    const side = Math.max(width, height);
    if (side > maxSide) return await shrunk(path, picture, maxSide / side);
    const kept = format === "jpeg" || format === "png";
    if (!kept) report("other file type", `it is of type ${format}; it is saved as PNG`);
    return {
      bytes: kept ? bytes : await pngBytes(picture),
      name: kept ? basename(path) : `${stemOf(basename(path))}.png`,
      width,
      height,
      original: { width, height },
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const detail = `${error.message}; it is left out`;
    onDefect({ kind: "unreadable picture", file: path, detail });
    return undefined;
  }
}

async function shrunk(path: string, picture: Picture, factor: number): Promise<ImportedPicture> {
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  return {
    bytes: await pngBytes(await shrink(picture, { width, height })),
    name: `${stemOf(basename(path))}.png`,
    width,
    height,
    original: { width: picture.width, height: picture.height },
  };
}
