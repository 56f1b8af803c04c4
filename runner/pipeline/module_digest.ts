/**
 * A digest of a module's text with all it imports from the project.
 *
 * Finer than needed (comments count, and so does whatever merely looks like an import): where it
 * stays the same, what the module exports is surely the same.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { digestBytes } from "../store/digest.ts";

const IMPORT = /\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;

/** @param file absolute path */
export function digestModule(file: string): string {
  const texts = new Map<string, string>();
  const open = [file];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (texts.has(path)) continue;
    const text = readText(path);
    texts.set(path, text);
    for (const [, target] of text.matchAll(IMPORT)) open.push(join(dirname(path), target));
  }
  // Sorted by name, which does not count itself: the project may lie anywhere.
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1));
  return digestBytes(JSON.stringify(sorted.map(([, text]) => text)));
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    // Not there, or a folder: loading the module says so if it matters.
    if (error instanceof Error) return "";
    throw error;
  }
}
