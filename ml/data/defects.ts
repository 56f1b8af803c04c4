/**
 * Keeps account of what is wrong with a dataset without drowning the log in it.
 *
 * @module
 */
import type { Defect, OnDefect } from "./formats/source.ts";

/** Defects of one kind that are shown one by one. */
const SHOWN = 10;

/** A list that defects are reported to. */
export interface DefectList {
  onDefect: OnDefect;
  /** How many of each kind, the most frequent first. */
  counts: () => [kind: string, count: number][];
}

/** Logs the first defects of each kind and counts them all. */
export function defectList(log: (line: string) => void): DefectList {
  const counts = new Map<string, number>();
  return {
    onDefect({ kind, file, detail }: Defect) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count <= SHOWN) log(`${kind}: ${file}: ${detail}`);
      if (count === SHOWN + 1) log(`${kind}: and more, which are only counted`);
    },
    counts: () => [...counts].sort(([, a], [, b]) => b - a),
  };
}
