/**
 * Picture files to RGB pixels and back.
 *
 * Decoding gives what Pillow's `Image.open(path).convert("RGB")` gives, because the reference code
 * reads its pictures so: the kind is told by content, not by name; neither EXIF rotation nor colour
 * profiles are applied; alpha is dropped, not blended; 16-bit channels keep their upper byte (Pillow
 * does so for colour, but turns nearly every 16-bit grey value into white).
 *
 * The codec never opens files itself: bytes go through Deno, so a stage's permissions hold for
 * pictures too. Decoding runs on threads of the codec's own, off the main thread.
 *
 * @module
 */
import sharp, { type Sharp } from "sharp";
import { InputError } from "./input_error.ts";
import { MAX_PIXELS, type Picture } from "./picture.ts";
import { readBytes } from "./read_bytes.ts";

// One thread per picture: several pictures in flight already fill the cores. No cache: pictures
// are kept, if at all, by whoever knows how often they come back.
sharp.concurrency(1);
sharp.cache(false);

/** What a file says about itself before its pixels are decoded. */
export interface PictureHeader {
  /** `jpeg`, `png`, `gif`, … */
  format: string;
  /** Pixels as stored, without EXIF rotation. */
  width: number;
  /** Pixels as stored, without EXIF rotation. */
  height: number;
  /** EXIF orientation other than upright, 2 … 8. It is not applied. */
  orientation?: number;
}

/**
 * Reads a picture file as RGB.
 *
 * @throws {InputError} if the file is missing, truncated or no picture; the message names it
 */
export async function decode(path: string): Promise<Picture> {
  return await decodeBytes(await readBytes(path), path);
}

/**
 * Decodes the bytes of a picture file as RGB.
 *
 * @param name how error messages call it
 * @throws {InputError} if the bytes are no picture or a truncated one
 */
export async function decodeBytes(bytes: Uint8Array, name: string): Promise<Picture> {
  try {
    const { space, depth, channels } = await open(bytes).metadata();
    if (space === "cmyk") return await decodeCmyk(bytes);
    if (depth === "ushort") return await decodeWide(bytes, channels);
    const { data, info } = await open(bytes).removeAlpha().toColourspace("srgb").raw()
      .toBuffer({ resolveWithObject: true });
    return toRgb(data, info.width, info.height, info.channels);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * Reads size and kind of a picture from its header.
 *
 * @throws {InputError} if the bytes are no picture
 */
export async function readHeader(bytes: Uint8Array, name: string): Promise<PictureHeader> {
  try {
    const { format, width, height, orientation } = await open(bytes).metadata();
    return {
      format,
      width,
      height,
      ...(orientation !== undefined && orientation > 1 ? { orientation } : {}),
    };
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Writes a picture as PNG. Equal pictures give equal bytes. */
export async function encodePng(picture: Picture, path: string): Promise<void> {
  await Deno.writeFile(path, await pngBytes(picture));
}

/** The bytes of a picture as PNG. Equal pictures give equal bytes. */
export async function pngBytes({ width, height, data }: Picture): Promise<Uint8Array> {
  // Level 2 without filters: three times as quick as the default and a few percent larger.
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 2, adaptiveFiltering: false }).toBuffer();
}

/** The bytes of a picture as lossy WebP: for looking at, not for computing with. */
export async function webpBytes({ width, height, data }: Picture): Promise<Uint8Array> {
  return await sharp(data, { raw: { width, height, channels: 3 } }).webp({ quality: 90 })
    .toBuffer();
}

function open(bytes: Uint8Array): Sharp {
  // "error" forgives what the JPEG library calls a warning, as Pillow does, but no truncated file.
  return sharp(bytes, { failOn: "error", ignoreIcc: true, limitInputPixels: MAX_PIXELS });
}

function unreadable(name: string, cause: unknown): Error {
  if (cause instanceof InputError) return cause;
  const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new InputError(
    `Cannot read ${name}: it is a damaged picture, or none that is known (${reason})`,
    {
      cause,
    },
  );
}

/** Takes 1 to 4 interleaved channels to RGB: grey is repeated, a fourth channel dropped. */
function toRgb(data: Uint8Array, width: number, height: number, channels: number): Picture {
  if (channels === 3) {
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  }
  const rgb = new Uint8Array(width * height * 3);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += channels) {
    rgb[i] = data[from];
    rgb[i + 1] = data[from + green];
    rgb[i + 2] = data[from + blue];
  }
  return { width, height, data: rgb };
}

/** Plain CMYK arithmetic as Pillow's, with no printing profile in between. */
async function decodeCmyk(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await open(bytes).pipelineColourspace("cmyk").toColourspace("cmyk").raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(info.width * info.height * 3);
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += info.channels) {
    const light = 255 - data[from + 3];
    for (let c = 0; c < 3; c++) {
      const product = data[from + c] * light + 128; // rounded division by 255
      rgb[i + c] = light - (((product >> 8) + product) >> 8);
    }
  }
  return { width: info.width, height: info.height, data: rgb };
}

/** Keeps the upper byte of 16-bit channels, with no gamma curve on the way. */
async function decodeWide(bytes: Uint8Array, channels: number): Promise<Picture> {
  const space = channels <= 2 ? "grey16" : "rgb16";
  const { data, info } = await open(bytes).removeAlpha().pipelineColourspace(space)
    .toColourspace(space).raw({ depth: "ushort" }).toBuffer({ resolveWithObject: true });
  const upper = new Uint8Array(data.length / 2);
  for (let i = 0; i < upper.length; i++) upper[i] = data[2 * i + 1]; // little endian
  return toRgb(upper, info.width, info.height, info.channels);
}
