/**
 * Imports both splits of a dataset and tells the person what was found.
 *
 * @module
 */
import { defectList } from "./defects.ts";
import type { OnDefect } from "./formats/source.ts";
import type { ImportOptions, Split } from "./import_each.ts";

/** The part of a stage's reporter that is used here. */
export interface ImportReport {
  progress(done: number, total: number, unit: string): void;
  table(title: string, columns: string[], rows: (string | number | null)[][]): void;
  log(line: string): void;
}

/** How one task's datasets are imported. */
export interface Importer<S extends Split> {
  /** What the numbers count. */
  columns: string[];
  /**
   * Fills a folder with one split.
   *
   * @returns a number for each column, and what to say of them in one line
   */
  importSplit(
    source: S,
    folder: string,
    options: ImportOptions,
  ): Promise<{ numbers: (string | number)[]; summary: string }>;
}

/** Fills the folders `train` and `val`. */
export async function importSplits<S extends Split>(
  read: (onDefect: OnDefect) => Promise<{ train: S; val: S }>,
  { columns, importSplit }: Importer<S>,
  outputs: { train: string; val: string },
  { limit, maxSide, signal, report }: {
    limit?: number | undefined;
    maxSide?: number | undefined;
    signal: AbortSignal;
    report: ImportReport;
  },
): Promise<void> {
  const { onDefect, counts } = defectList((line) => report.log(line));
  const splits = await read(onDefect);
  const sizes = [splits.train, splits.val].map(({ images }) =>
    Math.min(limit ?? Infinity, images.length)
  );
  const total = sizes[0] + sizes[1];
  let before = 0;
  const rows: (string | number)[][] = [];
  for (const split of ["train", "val"] as const) {
    const { numbers, summary } = await importSplit(splits[split], outputs[split], {
      onDefect,
      limit,
      maxSide,
      signal,
      onProgress: (done) => report.progress(before + done, total, "images"),
    });
    before = sizes[0];
    rows.push([split, ...numbers]);
    report.log(`${split}: ${summary}`);
  }
  report.table("Imported", ["split", ...columns], rows);
  const defects = counts();
  if (defects.length > 0) report.table("Defects in the data", ["defect", "count"], defects);
}
