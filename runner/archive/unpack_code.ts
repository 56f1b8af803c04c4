/**
 * Lays code out in a new folder, of which either all is there or nothing.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { UserError } from "../diagnostic.ts";
import { parent, removeIfThere, statIfThere } from "../store/files.ts";
import { whyUnwritable } from "./unwritable.ts";

/**
 * Asks before anything else is done.
 *
 * @param folder absolute
 * @throws {UserError} if something is there
 */
export function checkNewFolder(folder: string): void {
  if (statIfThere(folder) === undefined) return;
  throw new UserError({
    message: `Cannot unpack code into ${folder}: it is there already`,
    notes: ["Name a new folder with --code FOLDER"],
  });
}

/**
 * Copies files into a new folder.
 *
 * @param files paths that stay in the folder, and where the contents are
 * @param folder absolute
 * @throws {UserError} if it is there already, or cannot be written
 */
export function unpackCode(files: { path: string; source: string }[], folder: string): void {
  checkNewFolder(folder);
  try {
    Deno.mkdirSync(dirname(folder), { recursive: true });
    const building = Deno.makeTempDirSync({
      dir: dirname(folder),
      prefix: `.${basename(folder)}-`,
    });
    try {
      for (const { path, source } of files) {
        const target = `${building}/${path}`;
        Deno.mkdirSync(parent(target), { recursive: true });
        Deno.writeFileSync(target, Deno.readFileSync(source), { createNew: true });
      }
      Deno.chmodSync(building, 0o755);
      Deno.renameSync(building, folder);
    } catch (error) {
      removeIfThere(building);
      throw error;
    }
  } catch (error) {
    const why = whyUnwritable(error, dirname(folder));
    if (why === undefined) throw error;
    throw new UserError({
      message: `Cannot unpack code into ${folder}: ${why}`,
      notes: ["The results are in the store; import again with another --code FOLDER"],
    }, { cause: error });
  }
}
