/**
 * Finds links that lead out of a folder. Deno judges a link by where it lies, so one in a readable
 * folder would let a stage read a file that counts in no key.
 *
 * @module
 */
import { join, sep } from "node:path";

/** A link and where it leads. */
export interface Escape {
  link: string;
  target: string;
}

/**
 * Looks through a folder and all below it.
 *
 * @param folder a real path; a file has no links inside
 * @returns the first link, in no particular order, whose target is outside the folder
 */
export function findEscape(folder: string): Escape | undefined {
  if (!Deno.lstatSync(folder).isDirectory) return undefined;
  const pending = [folder];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of Deno.readDirSync(at)) {
      const path = join(at, entry.name);
      if (entry.isDirectory) pending.push(path);
      if (!entry.isSymlink) continue;
      const target = resolveLink(path);
      if (target !== folder && !target.startsWith(folder + sep)) return { link: path, target };
    }
  }
}

function resolveLink(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return Deno.readLinkSync(path); // leads nowhere today; it could lead anywhere tomorrow
  }
}
