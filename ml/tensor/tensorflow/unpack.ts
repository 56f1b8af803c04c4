/**
 * From a downloaded wheel to the two libraries: checked, then unpacked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createInflateRaw } from "node:zlib";
import type { Progress } from "./pip.ts";
import type { Wheel } from "./wheel.ts";

/** Bytes at a time; the usual 16 KiB take twice as long. */
const CHUNK = 1 << 20;

/** A zip file's word for "deflated". */
const DEFLATED = 8;

/** The part of yauzl that is used; the package carries no types. */
interface Zip {
  openPromise(path: string): Promise<{
    eachEntry(): AsyncIterable<{ fileName: string; compressionMethod: number }>;
    openReadStreamPromise(entry: unknown, options: { decodeFileData: false }): Promise<Readable>;
    close(): void;
  }>;
}

/**
 * @throws {Error} if the file is not, byte by byte, the pinned one
 */
export async function verifyWheel(path: string, wheel: Wheel, progress: Progress): Promise<void> {
  const hash = createHash("sha256");
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    hash.update(chunk);
    done += chunk.length;
    progress(Math.min(done, wheel.bytes), wheel.bytes, `checking TensorFlow ${wheel.version}`);
  }
  const found = hash.digest("hex");
  if (found !== wheel.sha256) {
    throw new Error(
      `the downloaded file is not the published one: expected sha256 ${wheel.sha256} ` +
        `(${wheel.bytes} bytes), found ${found} (${done} bytes)`,
    );
  }
}

/**
 * Unpacks the libraries of a verified wheel into an existing folder; they are on the disk, not only
 * in its cache, when this returns.
 *
 * @throws {Error} if one is missing; whatever the file system throws, e.g. when it is full
 */
export async function unpackLibraries(
  path: string,
  wheel: Wheel,
  folder: string,
  progress: Progress,
): Promise<void> {
  const yauzl: Zip = (await import("yauzl")).default;
  const total = Object.values(wheel.libraries).reduce((a, b) => a + b, 0);
  const missing = new Set(Object.keys(wheel.libraries));
  let done = 0;
  const zip = await yauzl.openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/^tensorflow\//, "");
      if (!missing.delete(name)) continue;
      using file = await Deno.open(join(folder, name), { write: true, createNew: true });
      const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
      // A failure of either stream ends the loop with its error.
      const content = entry.compressionMethod === DEFLATED
        ? pipeline(packed, createInflateRaw({ chunkSize: CHUNK }), () => {})
        : packed;
      for await (const chunk of content) {
        await writeAll(file, chunk);
        done += chunk.length;
        progress(done, total, `unpacking TensorFlow ${wheel.version}`);
      }
      await file.sync();
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new Error(`the wheel lacks ${[...missing].join(" and ")}`);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
