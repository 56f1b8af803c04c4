/**
 * What is remembered of a folder outside the store, file by file: a digest, and the stat for which it
 * is true.
 *
 * ```
 * SHA-256 of all that follows
 * lengths in bytes of the next two, as 32-bit numbers
 * JSON of what is no column
 * paths, with a null between them
 * stats, five 64-bit floating-point numbers a file
 * digests, 32 bytes a file
 * ```
 *
 * @module
 */
import { createHash } from "node:crypto";
import { FileList } from "./file_list.ts";
import { hasCode } from "./files.ts";

/** How many numbers {@link statNumbers} returns. */
export const STAT = 5;

/** Bytes of a SHA-256. */
const DIGEST = 32;

/** Where the two lengths end. */
const HEAD = DIGEST + 8;

/** What is known of a folder. */
export interface FolderMemory {
  /** Digest of the folder, if it was this and nothing else; empty if nothing is known. */
  root: string;
  /** In the order in which the system lists them, with their {@link statNumbers}. */
  files: FileList;
  emptyFolders: string[];
}

/** Size, times of change, inode and device of a file: some of them change when it does. */
export function statNumbers({ size, mtime, ctime, ino, dev }: Deno.FileInfo): number[] {
  return [size, mtime?.getTime() ?? -1, ctime?.getTime() ?? -1, ino ?? -1, dev];
}

/** Knows nothing yet. */
export function emptyMemory(): FolderMemory {
  return { root: "", files: new FileList(STAT), emptyFolders: [] };
}

/** Reads what was written; a damaged memory is an empty one. */
export function readMemory(file: string): FolderMemory {
  const bytes = readBytesIfThere(file);
  if (bytes === undefined || bytes.length < HEAD) return emptyMemory();
  if (!sha256(bytes.subarray(DIGEST)).every((byte, i) => byte === bytes[i])) return emptyMemory();
  const lengths = new DataView(bytes.buffer, DIGEST);
  let end = HEAD;
  const next = (length: number) => bytes.subarray(end, end += length);
  const text = (length: number) => new TextDecoder().decode(next(length));
  const { root, count, emptyFolders } = JSON.parse(text(lengths.getUint32(0)));
  const paths = text(lengths.getUint32(4));
  return {
    root,
    files: new FileList(STAT, {
      paths: count === 0 ? [] : paths.split("\0"),
      // A copy: numbers stand where their size allows.
      numbers: new Float64Array(next(count * STAT * 8).slice().buffer),
      digests: next(count * DIGEST),
    }),
    emptyFolders,
  };
}

/** What {@link readMemory} reads. */
export function encodeMemory({ root, files, emptyFolders }: FolderMemory): Uint8Array {
  const { paths, numbers, digests } = files.columns();
  const rest = JSON.stringify({ root, count: files.length, emptyFolders });
  const texts = [rest, paths.join("\0")].map((text) => new TextEncoder().encode(text));
  const stats = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const parts = [...texts, stats, digests];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, HEAD));
  const lengths = new DataView(bytes.buffer, DIGEST);
  texts.forEach((text, i) => lengths.setUint32(4 * i, text.length));
  let end = HEAD;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  bytes.set(sha256(bytes.subarray(DIGEST)));
  return bytes;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function readBytesIfThere(file: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(file);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw error;
  }
}
