/**
 * Where paths really lead, links followed.
 *
 * @module
 */
import { basename, dirname } from "node:path";

/** Of a folder in which more paths than this are asked for, all names are read at once. */
const MANY = 16;

/** What is known of a folder. */
interface Folder {
  /** Undefined if it is not there. */
  real: string | undefined;
  asked: number;
  /** Name → whether it is a link; undefined if they were not read. */
  names?: Map<string, boolean> | undefined;
}

/** Asks for each folder of paths, and for what leads elsewhere, once. */
export class RealPaths {
  readonly #folders = new Map<string, Folder>();
  readonly #known = new Map<string, string | undefined>();

  /** @param path absolute, without `..` @returns undefined if nothing is there */
  of(path: string): string | undefined {
    if (this.#known.has(path)) return this.#known.get(path);
    const real = this.#find(path);
    // What names of its folder tell is told again as quickly, and there may be a hundred thousand.
    if (real !== path) this.#known.set(path, real);
    return real;
  }

  #find(path: string): string | undefined {
    // Elsewhere the real path may also be written in other letters, which only the system knows.
    if (Deno.build.os !== "linux" || path === "/") return realPath(path);
    const folder = this.#folder(dirname(path));
    if (folder.real === undefined) return undefined;
    // A thousand files in a folder: one look at it, instead of one for each part of each path.
    const real = `${folder.real === "/" ? "" : folder.real}/${basename(path)}`;
    const link = isLinkIn(folder, folder.real, basename(path));
    if (link) return realPath(real);
    // One text for both: a path of each of a hundred thousand files counts.
    return link === undefined ? undefined : real === path ? path : real;
  }

  #folder(path: string): Folder {
    const known = this.#folders.get(path) ?? { real: realPath(path), asked: 0 };
    this.#folders.set(path, known);
    known.asked++;
    return known;
  }
}

/** @returns undefined if nothing has this name */
function isLinkIn(folder: Folder, path: string, name: string): boolean | undefined {
  if (folder.asked > MANY) folder.names ??= namesIn(path);
  return folder.names ? folder.names.get(name) : isLink(`${path}/${name}`);
}

function isLink(path: string): boolean | undefined {
  return ifThere(() => Deno.lstatSync(path))?.isSymlink;
}

/** @returns undefined if the folder may be passed through but not read */
function namesIn(folder: string): Map<string, boolean> | undefined {
  try {
    const names = new Map<string, boolean>();
    for (const { name, isSymlink } of Deno.readDirSync(folder)) names.set(name, isSymlink);
    return names;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

function realPath(path: string): string | undefined {
  return ifThere(() => Deno.realPathSync(path));
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}
