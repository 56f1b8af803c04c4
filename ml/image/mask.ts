/**
 * Masks: pictures whose values are numbers, not colours.
 *
 * A PNG with a palette is read as the indices into it, a grey one as its values; both of 1, 2, 4 or
 * 8 bits. The picture codec would turn either into colours.
 *
 * @module
 */
import { decode, encode } from "fast-png";
import { InputError } from "./input_error.ts";
import { MAX_PIXELS } from "./picture.ts";
import { readBytes } from "./read_bytes.ts";

/** A class for every pixel, row by row from the top left. */
export interface Mask {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** [H, W] class indices. */
  data: Uint8Array;
}

/** The kinds of PNG whose values are numbers. */
const GREY = 0, PALETTE = 3;

/**
 * Reads a PNG file as a mask.
 *
 * @throws {InputError} if the file is missing, damaged or holds colours; the message names it
 */
export async function decodeMask(path: string): Promise<Mask> {
  return decodeMaskBytes(await readBytes(path), path);
}

/**
 * Decodes the bytes of a PNG file as a mask.
 *
 * @param name how error messages call it
 * @throws {InputError} if the bytes are no PNG, a damaged one, or one that holds colours
 */
export function decodeMaskBytes(bytes: Uint8Array, name: string): Mask {
  checkKind(bytes, name);
  try {
    const { width, height, depth, data } = decode(bytes, { checkCrc: true });
    const packed = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width, height, data: depth === 8 ? packed : unpack(packed, width, height, depth) };
  } catch (cause) {
    throw new InputError(`Cannot read ${name}: it is a damaged PNG (${rootOf(cause)})`, { cause });
  }
}

/** Writes a mask as eight-bit grey PNG. Equal masks give equal bytes. */
export async function encodeMask(mask: Mask, path: string): Promise<void> {
  await Deno.writeFile(path, maskBytes(mask));
}

/** The bytes of a mask as eight-bit grey PNG. Equal masks give equal bytes. */
export function maskBytes({ width, height, data }: Mask): Uint8Array {
  return encode({ width, height, data, depth: 8, channels: 1 });
}

/** Looks at the first block before anything is decoded: what cannot be a mask, and bombs. */
function checkKind(bytes: Uint8Array, name: string): void {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 29 || header.getUint32(0) !== 0x89504E47) {
    throw new InputError(`Cannot read ${name}: expected a mask in a PNG file`);
  }
  const width = header.getUint32(16), height = header.getUint32(20);
  const depth = header.getUint8(24), kind = header.getUint8(25);
  if (width * height > MAX_PIXELS) {
    throw new InputError(
      `Cannot read ${name}: ${width}x${height} pixels are more than ${MAX_PIXELS}`,
    );
  }
  if ((kind !== GREY && kind !== PALETTE) || depth > 8) {
    const what = kind === GREY ? `grey values of ${depth} bits` : "colours";
    throw new InputError(
      `Cannot use ${name} as a mask: it holds ${what}; expected a PNG file with a palette, ` +
        "or with grey values of at most 8 bits, whose values are classes",
    );
  }
  // The decoder takes such rows for ones of whole bytes.
  if (depth < 8 && header.getUint8(28) !== 0) {
    throw new InputError(
      `Cannot use ${name} as a mask: it is interlaced with ${depth} bits a pixel; ` +
        "save it without interlacing",
    );
  }
}

/** Why decoding failed; the decoder wraps what its decompressor says. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootOf(error.cause);
}

/** Rows of whole bytes, the first pixel in the upper bits, to one byte a pixel. */
function unpack(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const data = new Uint8Array(width * height);
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)];
      data[at++] = (byte >> (8 - depth * (x % perByte + 1))) & (2 ** depth - 1);
    }
  }
  return data;
}
