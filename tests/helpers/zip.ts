/**
 * A small zip file, made in memory.
 *
 * @module
 */
import { crc32, deflateRawSync } from "node:zlib";

/**
 * The bytes of an archive.
 *
 * @param files name → content, compressed unless said
 */
export function zipFile(
  files: Record<string, Uint8Array>,
  { compressed = true } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const index: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = compressed ? deflateRawSync(content) : content;
    const title = new TextEncoder().encode(name);
    // version 20, no flags, method 8 (deflate) or 0 (stored), no time, checksum, sizes, lengths of name and extra
    const fields = [
      ...little(2, 20, 0, compressed ? 8 : 0, 0, 0),
      ...little(4, crc32(content), packed.length, content.length),
      ...little(2, title.length, 0),
    ];
    const local = Uint8Array.from([...little(4, 0x04034b50), ...fields, ...title]);
    index.push(Uint8Array.from([
      ...little(4, 0x02014b50),
      ...little(2, 20),
      ...fields,
      ...little(2, 0, 0, 0),
      ...little(4, 0, offset),
      ...title,
    ]));
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const size = index.reduce((sum, entry) => sum + entry.length, 0);
  const end = Uint8Array.from([
    ...little(4, 0x06054b50),
    ...little(2, 0, 0, index.length, index.length),
    ...little(4, size, offset),
    ...little(2, 0),
  ]);
  const all = [...parts, ...index, end];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function little(bytes: number, ...values: number[]): number[] {
  return values.flatMap((value) =>
    Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)
  );
}
