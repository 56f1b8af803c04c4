/**
 * What differs between two folders, file by file.
 *
 * @module
 */
import type { Tree, TreeFile } from "./tree.ts";

/** Paths, each list sorted. */
export interface TreeChanges {
  changed: string[];
  added: string[];
  removed: string[];
}

/** Compares by content; empty folders do not count here. */
export function treeChanges(before: Tree, now: Tree): TreeChanges {
  const old = new Map(before.files.map((file) => [file.path, file]));
  const current = new Map(now.files.map((file) => [file.path, file]));
  const isOther = (file: TreeFile) => {
    const was = old.get(file.path);
    return was !== undefined && (was.digest !== file.digest || was.executable !== file.executable);
  };
  return {
    changed: now.files.filter(isOther).map(({ path }) => path),
    added: now.files.filter(({ path }) => !old.has(path)).map(({ path }) => path),
    removed: before.files.filter(({ path }) => !current.has(path)).map(({ path }) => path),
  };
}
