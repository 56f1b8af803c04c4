/**
 * Reads a tree for comparing: nothing is reported or set aside.
 *
 * @module
 */
import { digestBytes } from "./digest.ts";
import { hasCode } from "./files.ts";
import { decodeTree, encodeTree, type Tree } from "./tree.ts";

/** How the text of every tree begins. */
const START = new TextEncoder().encode(encodeTree([], []).slice(0, `{"emptyFolders":[`.length));

/** @returns undefined if the file is not there, or is not the tree with this digest */
export function peekTree(path: string, digest: string): Tree | undefined {
  if (!beginsLikeTree(path)) return undefined; // a file of gigabytes must not be read for this
  const text = Deno.readTextFileSync(path);
  return digestBytes(text) === digest ? decodeTree(text) : undefined;
}

function beginsLikeTree(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const start = new Uint8Array(START.length);
    return file.readSync(start) === START.length && start.every((byte, i) => byte === START[i]);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return false;
    throw error;
  }
}
