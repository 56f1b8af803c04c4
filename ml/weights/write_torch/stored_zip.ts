/**
 * Writes zip archives whose files lie in them as they are, each at a round address.
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** A file in the archive. */
export interface StoredFile {
  name: string;
  bytes: Uint8Array;
}

/** What archives without the 64-bit extension can address, bytes. */
const LIMIT = 2 ** 32 - 1;

/** Bytes of a local header without name and extra field. */
const HEADER = 30;

/** 1980-01-01, the first day that archives know: equal files give equal bytes. */
const DATE = 33;

/** The extra field that PyTorch fills up with, "FB". */
const FILLER = 0x4246;

/**
 * The bytes of an archive, in parts to be written one after the other. Nothing is compressed.
 *
 * @param alignment every file begins at a multiple of this, so that it can be mapped into memory
 * @throws {RangeError} if it would have 4 GiB or more, or 65536 files or more
 */
export function storedZip(files: readonly StoredFile[], alignment: number): Uint8Array[] {
  if (files.length >= 2 ** 16) {
    throw new RangeError(`Cannot write ${files.length} files into one archive: expected < 65536`);
  }
  const parts: Uint8Array[] = [];
  const index: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name);
    const beforeExtra = offset + HEADER + title.length + 4;
    const filler = (alignment - beforeExtra % alignment) % alignment;
    const sum = crc32(bytes);
    const fields = [
      ...little(2, 10, 0, 0, 0, DATE),
      ...little(4, sum, bytes.length, bytes.length),
      ...little(2, title.length),
    ];
    const local = [
      ...little(4, 0x04034B50),
      ...fields,
      ...little(2, 4 + filler),
      ...title,
      ...little(2, FILLER, filler),
      ...new Uint8Array(filler),
    ];
    parts.push(Uint8Array.from(local), bytes);
    index.push(Uint8Array.from([
      ...little(4, 0x02014B50),
      ...little(2, 10),
      ...fields,
      ...little(2, 0, 0, 0, 0),
      ...little(4, 0, offset),
      ...title,
    ]));
    offset += local.length + bytes.length;
  }
  const size = index.reduce((sum, { length }) => sum + length, 0);
  if (offset + size > LIMIT) {
    throw new RangeError(`Cannot write an archive of ${offset + size} bytes: expected under 4 GiB`);
  }
  const end = [
    ...little(4, 0x06054B50),
    ...little(2, 0, 0, files.length, files.length),
    ...little(4, size, offset),
    ...little(2, 0),
  ];
  return [...parts, ...index, Uint8Array.from(end)];
}

function little(bytes: number, ...values: number[]): number[] {
  return values.flatMap((value) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)
  );
}
