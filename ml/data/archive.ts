/**
 * Archives of any known kind, told by their content.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { unpackTar } from "./tar.ts";
import type { UnpackOptions } from "./unpacking.ts";
import { unpackZip } from "./zip.ts";

/** Name of the one file in an artifact of kind `archive`. */
export const ARCHIVE = "archive";

/**
 * Unpacks a zip archive, or a tar archive, gzipped or not, into a folder.
 *
 * @returns the number of files written
 * @throws {InputError} that names the archive and what is wrong with it
 */
export async function unpack(
  archive: string,
  folder: string,
  options: UnpackOptions = {},
): Promise<number> {
  return await isZip(archive)
    ? await unpackZip(archive, folder, options)
    : await unpackTar(archive, folder, options);
}

/**
 * A folder with the content of what a person has named: the folder itself, or what the archive
 * unpacks to.
 *
 * @param place where to unpack; removed before it is filled, so that nothing old is left
 * @throws {InputError} if there is nothing at the path
 */
export async function unpacked(
  path: string,
  place: string,
  options: UnpackOptions = {},
): Promise<string> {
  if (await isFolder(path)) return path;
  await Deno.remove(place, { recursive: true }).catch(ifThere);
  await Deno.mkdir(place, { recursive: true });
  await unpack(path, place, options);
  return place;
}

async function isZip(archive: string): Promise<boolean> {
  using file = await Deno.open(archive);
  const start = new Uint8Array(2);
  return await file.read(start) === 2 && start[0] === 0x50 && start[1] === 0x4B; // PK
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (cause) {
    ifThere(cause);
    throw new InputError(`Cannot read ${path}: no such file or folder`, { cause });
  }
}

function ifThere(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
