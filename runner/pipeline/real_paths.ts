/**
 * Where paths really lead, links followed.
 *
 * @module
 */
import { basename, dirname } from "node:path";

/** Asks for each path, and for each folder of paths, once. */
export class RealPaths {
  readonly #folders = new Map<string, string | undefined>();
  readonly #known = new Map<string, string | undefined>();

  /** @param path absolute, without `..` @returns undefined if nothing is there */
  of(path: string): string | undefined {
    if (!this.#known.has(path)) this.#known.set(path, this.#find(path));
    return this.#known.get(path);
  }

  #find(path: string): string | undefined {
    // Elsewhere the real path may also be written in other letters, which only the system knows.
    if (Deno.build.os !== "linux" || path === "/") return realPath(path);
    const folder = dirname(path);
    if (!this.#folders.has(folder)) this.#folders.set(folder, realPath(folder));
    const realFolder = this.#folders.get(folder);
    if (realFolder === undefined) return undefined;
    // A thousand files in a folder: one look at each, instead of one for each part of its path.
    const real = `${realFolder === "/" ? "" : realFolder}/${basename(path)}`;
    const info = ifThere(() => Deno.lstatSync(real));
    return info?.isSymlink ? realPath(real) : info && real;
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
