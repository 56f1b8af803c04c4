/**
 * What is remembered of a folder outside the store, file by file: a digest, and the stat for which it
 * is true.
 *
 * ```
 * SHA-256 of all that follows
 * number of files, and length in bytes of the JSON, as 32-bit numbers
 * stats, five 64-bit floating-point numbers a file
 * digests, 32 bytes a file
 * JSON of what is no column
 * paths, with a null between them
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

/** Where the two numbers end; the next ones may stand there, since it is a multiple of their size. */
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

/** Knows nothing yet. @param room for how many files it will have to have room, as far as is known */
export function emptyMemory(room = 0): FolderMemory {
  const files = new FileList(STAT, {
    paths: [],
    numbers: new Float64Array(room * STAT),
    digests: new Uint8Array(room * DIGEST),
  });
  return { root: "", files, emptyFolders: [] };
}

/** Reads what was written; a damaged memory is an empty one. */
export function readMemory(file: string): FolderMemory {
  const bytes = readBytesIfThere(file);
  if (bytes === undefined || bytes.length < HEAD) return emptyMemory();
  if (!sha256(bytes.subarray(DIGEST)).every((byte, i) => byte === bytes[i])) return emptyMemory();
  const head = new DataView(bytes.buffer, DIGEST);
  const count = head.getUint32(0);
  const numbers = new Float64Array(bytes.buffer, HEAD, count * STAT);
  let end = HEAD + numbers.byteLength;
  const next = (length?: number) => bytes.subarray(end, end += length ?? bytes.length);
  const digests = next(count * DIGEST);
  const { root, emptyFolders } = JSON.parse(decode(next(head.getUint32(4))));
  const paths = count === 0 ? [] : decode(next()).split("\0");
  return { root, files: new FileList(STAT, { paths, numbers, digests }), emptyFolders };
}

/** What {@link readMemory} reads. */
export function encodeMemory({ root, files, emptyFolders }: FolderMemory): Uint8Array {
  const { paths, numbers, digests } = files.columns();
  const encoder = new TextEncoder();
  const rest = encoder.encode(JSON.stringify({ root, emptyFolders }));
  const stats = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  const parts = [stats, digests, rest, encoder.encode(paths.join("\0"))];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, HEAD));
  const head = new DataView(bytes.buffer, DIGEST);
  head.setUint32(0, files.length);
  head.setUint32(4, rest.length);
  let end = HEAD;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  bytes.set(sha256(bytes.subarray(DIGEST)));
  return bytes;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
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
