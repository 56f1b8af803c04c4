/**
 * Files of this machine in pieces.
 *
 * @module
 */
import { LocalError } from "./place.ts";

/** Read this much at once, in bytes. */
const CHUNK = 1 << 20;

/** Reads on. @param size of the whole file, in bytes @returns a piece of its own, or null at the end */
export async function readPiece(file: Deno.FsFile, size: number): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(Math.min(CHUNK, size + 1));
  const length = await file.read(buffer);
  return length === null ? null : buffer.subarray(0, length);
}

/** Writes all of a piece. */
export async function writePiece(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** Does a step in the store, whose errors are no fault of the remote cache. */
export async function locally<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new LocalError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
