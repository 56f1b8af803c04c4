/**
 * Writes files into a folder that has none yet.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { UserError } from "../diagnostic.ts";

/**
 * Writes them.
 *
 * @param files relative path → text
 * @throws {UserError} if the folder has something in it: `kubectl apply -f` would take that too
 */
export function writeNewFolder(folder: string, files: Record<string, string>): void {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const [first] = Deno.readDirSync(folder);
    if (first !== undefined) {
      throw new UserError({
        message: `${folder} is not empty: it has ${first.name}`,
        notes: ["--out wants a new or empty folder, so that what is in it belongs together"],
      });
    }
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeTextFileSync(path, text);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot write to ${folder}: ${reason}`, { cause: error });
  }
}
