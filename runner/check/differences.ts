/**
 * What differs between a stored result and one that was made again.
 *
 * @module
 */
import { digestFile } from "../store/digest.ts";
import { listFolder } from "../store/tree.ts";

/** One file that is not the same. */
export interface Difference {
  /** Output and path in it, e.g. `model/task.safetensors`. */
  file: string;
  how: "differs" | "is missing" | "is new";
}

/** What a comparison has come to. */
export interface Comparison {
  /** How many files the stored result has. */
  files: number;
  differences: Difference[];
}

/**
 * Compares file by file, by content.
 *
 * @param stored output name → folder as it is stored
 * @param again the same outputs, made again
 */
export function compareOutputs(
  stored: Record<string, string>,
  again: Record<string, string>,
): Comparison {
  const differences: Difference[] = [];
  let files = 0;
  for (const [output, folder] of Object.entries(stored)) {
    const before = pathsIn(folder);
    const now = pathsIn(again[output]);
    files += before.size;
    for (const path of [...before.union(now)].sort()) {
      const file = `${output}/${path}`;
      if (!now.has(path)) differences.push({ file, how: "is missing" });
      else if (!before.has(path)) differences.push({ file, how: "is new" });
      else if (!sameContent(`${folder}/${path}`, `${again[output]}/${path}`)) {
        differences.push({ file, how: "differs" });
      }
    }
  }
  return { files, differences };
}

function pathsIn(folder: string): Set<string> {
  return new Set(listFolder(folder, folder).files);
}

function sameContent(a: string, b: string): boolean {
  if (Deno.statSync(a).size !== Deno.statSync(b).size) return false;
  return digestFile(a).digest === digestFile(b).digest;
}
