/**
 * Copies results to where a person wants them, and never over what someone else has made.
 *
 * @module
 */
import { join } from "node:path";
import { UserError } from "../../runner/diagnostic.ts";

/** In the target folder: the names of the files that were copied there, one a line. */
const LIST = ".written_by_sr4ir";

/**
 * Copies the files of a folder.
 *
 * @returns the paths of the copies, in the order of their names
 * @throws {UserError} if that would overwrite a file that was not copied there before; nothing is
 *   copied then
 */
export function copyResults(from: string, to: string): string[] {
  const names = [...Deno.readDirSync(from)].map(({ name }) => name).sort();
  const own = new Set(readLines(join(to, LIST)));
  const foreign = names.filter((name) => !own.has(name) && exists(join(to, name)));
  if (foreign.length > 0) {
    throw new UserError({
      message: `${to} has files that were not made here: ${foreign.slice(0, 5).join(", ")}`,
      notes: ["name another folder: --out FOLDER"],
    });
  }
  makeFolder(to);
  // Before the files, so that those of a copy that was interrupted are known.
  Deno.writeTextFileSync(join(to, LIST), [...new Set([...own, ...names])].join("\n") + "\n");
  return names.map((name) => {
    const path = join(to, name);
    if (own.has(name) && exists(path)) Deno.removeSync(path);
    Deno.copyFileSync(join(from, name), path);
    Deno.chmodSync(path, 0o644); // stored files are read-only
    return path;
  });
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory)
    ) {
      throw error;
    }
    throw new UserError({
      message: `${path} is a file, or lies below one; expected a folder`,
      notes: ["name another folder: --out FOLDER"],
    });
  }
}

function readLines(file: string): string[] {
  try {
    return Deno.readTextFileSync(file).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}
