/**
 * Unpacks zip archives that nobody vouches for: nothing lands outside the folder.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { explained, type Guard, guard, type UnpackOptions, writeEntry } from "./unpacking.ts";

/** The part of yauzl that is used; the package carries no types. */
interface Yauzl {
  openPromise(path: string): Promise<Zip>;
}
interface Zip {
  fileSize: number;
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<AsyncIterable<unknown>>;
  close(): void;
}
interface Entry {
  fileName: string;
  compressedSize: number;
  uncompressedSize: number;
  crc32: number;
  externalFileAttributes: number;
  isEncrypted(): boolean;
}

/** Kind of a file in Unix' mode bits, and the one that says "symbolic link". */
const KIND = 0o170000, LINK = 0o120000;

/**
 * Unpacks a zip archive into a folder. Permissions, owners and times are left aside.
 *
 * @returns the number of files written
 * @throws {InputError} that names the archive and the entry: a path out of the folder, a link, an
 * encrypted file, too much content, a damaged archive
 */
export async function unpackZip(
  archive: string,
  folder: string,
  options: UnpackOptions = {},
): Promise<number> {
  const { enter, take, fail }: Guard = guard(archive, options);
  const yauzl: Yauzl = (await import("yauzl")).default;
  let zip: Zip | undefined;
  let files = 0;
  let done = 0;
  try {
    zip = await yauzl.openPromise(archive);
    for await (const entry of zip.eachEntry()) {
      const { fileName, compressedSize, uncompressedSize, externalFileAttributes } = entry;
      const path = enter(fileName);
      if (path !== undefined) {
        if (fileName.endsWith("/")) {
          await Deno.mkdir(`${folder}/${path}`, { recursive: true });
        } else {
          if ((externalFileAttributes >>> 16 & KIND) === LINK) fail(`"${fileName}" is a link`);
          if (entry.isEncrypted()) fail(`"${fileName}" is encrypted`);
          take(uncompressedSize);
          await writeEntry(folder, path, content(zip, entry));
          files++;
        }
      }
      done += compressedSize;
      options.onProgress?.(done, zip.fileSize);
    }
    options.onProgress?.(zip.fileSize, zip.fileSize);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explained(error, archive, isDamage);
  } finally {
    zip?.close();
  }
  return files;
}

/** Opens the stream only when it is read from: a failure that nobody waits for ends the process. */
async function* content(zip: Zip, entry: Entry) {
  let sum = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    if (chunk instanceof Uint8Array) sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`the checksum of "${entry.fileName}" is wrong`);
}

/** What the reader says of the content has no code, or one of the decompressor. */
function isDamage(error: Error): boolean {
  return !("code" in error) || /^Z_/.test(String(error.code));
}
