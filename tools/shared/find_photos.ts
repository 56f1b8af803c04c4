/**
 * Picture files as a person names them: one by one, or by their folders.
 *
 * @module
 */
import { basename, dirname, extname, join, resolve } from "node:path";
import { UserError } from "../../runner/diagnostic.ts";
import { didYouMean } from "../../runner/nearest.ts";

/** A picture file, and what its results are called: no two are called the same. */
export interface PhotoFile {
  /** Absolute. */
  path: string;
  name: string;
}

/** Endings of pictures in folders; files that are named themselves may have any. */
const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

/**
 * Finds picture files. Of a folder those right in it count, in the order of their names.
 *
 * @throws {UserError} if a path is not there, or a folder has no pictures
 */
export function findPhotos(paths: readonly string[]): PhotoFile[] {
  const taken = new Map<string, number>();
  return paths.flatMap(filesOf).map((path) => {
    const plain = basename(path, extname(path)).replace(/[^\p{L}\p{N}._-]+/gu, "_");
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    return { path, name: count === 1 ? plain : `${plain}~${count}` };
  });
}

function filesOf(path: string): string[] {
  const absolute = resolve(path);
  if (!isFolder(path, absolute)) return [absolute];
  const names = [...Deno.readDirSync(absolute)]
    .filter((entry) => !entry.isDirectory && PICTURE.test(entry.name))
    .map(({ name }) => name).sort();
  if (names.length > 0) return names.map((name) => join(absolute, name));
  throw new UserError({
    message: `there are no pictures in ${path}`,
    notes: ["expected .jpg, .png, .webp, .gif, .tif or .avif files right in it"],
  });
}

function isFolder(path: string, absolute: string): boolean {
  try {
    return Deno.statSync(absolute).isDirectory;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const hint = didYouMean(basename(path), namesIn(dirname(absolute)));
    throw new UserError({
      message: `there is no photo ${path}`,
      ...hint === undefined ? {} : { hint },
    });
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // then there is nothing to propose
  }
}
