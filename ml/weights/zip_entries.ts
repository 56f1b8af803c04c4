/**
 * What a zip archive of weights holds, and where.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { Stretch } from "./stretch.ts";

/** The part of yauzl that is used; the package carries no types. */
interface Yauzl {
  openPromise(path: string): Promise<{
    eachEntry(): AsyncIterable<{
      fileName: string;
      compressionMethod: number;
      compressedSize: number;
      uncompressedSize: number;
      crc32: number;
      relativeOffsetOfLocalHeader: number;
      isEncrypted(): boolean;
    }>;
    close(): void;
  }>;
}

/** One file in an archive. */
export interface ZipEntry {
  name: string;
  /** How it is packed: 0 not at all, 8 deflate. */
  method: number;
  /** Bytes in the archive. */
  packed: number;
  /** Bytes when unpacked, as the archive says. */
  size: number;
  crc32: number;
  /** Where its local header stands. */
  header: number;
}

/**
 * Lists an archive's entries by name; zip64 too.
 *
 * @throws {InputError} if it is no archive, damaged or encrypted, or has a name twice
 */
export async function zipEntries(archive: Stretch): Promise<Map<string, ZipEntry>> {
  const { file } = archive;
  const yauzl: Yauzl = (await import("yauzl")).default;
  const entries = new Map<string, ZipEntry>();
  let zip: Awaited<ReturnType<Yauzl["openPromise"]>> | undefined;
  try {
    zip = await yauzl.openPromise(file);
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, compressedSize: packed, relativeOffsetOfLocalHeader: header } = entry;
      if (entries.has(name)) throw new Error(`it has two entries "${name}"`);
      if (entry.isEncrypted()) throw new Error(`the entry "${name}" is encrypted`);
      if (header + LOCAL_HEADER + packed > archive.size) {
        throw new Error(`the entry "${name}" would reach beyond the file's end`);
      }
      entries.set(name, {
        name,
        method: entry.compressionMethod,
        packed,
        size: entry.uncompressedSize,
        crc32: entry.crc32,
        header,
      });
    }
  } catch (error) {
    throw new InputError(
      `Cannot read ${file}: it is a zip archive that is cut off or damaged ` +
        `(${error instanceof Error ? error.message : error}); get it again`,
      { cause: error },
    );
  } finally {
    zip?.close();
  }
  return entries;
}

/** Bytes of a local header without name and extra fields. */
const LOCAL_HEADER = 30;

/**
 * Where an entry's bytes are. Only the local header tells: PyTorch pads it so that numbers are
 * aligned.
 *
 * @throws {InputError} if the local header is none, or the entry reaches beyond the end
 */
export async function entryBytes(archive: Stretch, entry: ZipEntry): Promise<Stretch> {
  const header = await archive.read(entry.header, LOCAL_HEADER);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== 0x04034B50) {
    throw new InputError(
      `Cannot read ${archive.file}: there is no header of "${entry.name}" at byte ${entry.header}; ` +
        "the archive is damaged",
    );
  }
  const start = entry.header + LOCAL_HEADER + view.getUint16(26, true) + view.getUint16(28, true);
  return archive.part(start, entry.packed, `the entry "${entry.name}"`);
}
