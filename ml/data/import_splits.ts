/**
 * Imports both splits of a dataset and tells the person what was found.
 *
 * @module
 */
import { defectList } from "./defects.ts";
import { InputError } from "../image/input_error.ts";
import type { DetectionSplits, OnDefect } from "./formats/source.ts";
import { importDetection } from "./import_detection.ts";

/** The part of a stage's reporter that is used here. */
export interface ImportReport {
  progress(done: number, total: number, unit: string): void;
  table(title: string, columns: string[], rows: (string | number | null)[][]): void;
  log(line: string): void;
}

/** Fills the folders `train` and `val`. */
export async function importSplits(
  read: (onDefect: OnDefect) => Promise<DetectionSplits>,
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
  if (splits.train.categories.length === 0) {
    throw new InputError(`Cannot use ${splits.train.name}: it has no classes`);
  }
  const sizes = [splits.train, splits.val].map(({ images }) =>
    Math.min(limit ?? Infinity, images.length)
  );
  const total = sizes[0] + sizes[1];
  let before = 0;
  const rows: (string | number)[][] = [];
  for (const split of ["train", "val"] as const) {
    const { images, objects, crowds, empty } = await importDetection(
      splits[split],
      outputs[split],
      {
        onDefect,
        limit,
        maxSide,
        signal,
        onProgress: (done) => report.progress(before + done, total, "images"),
      },
    );
    before = sizes[0];
    rows.push([split, images, objects, crowds, empty]);
    report.log(`${split}: ${images} images, ${objects} objects, ${empty} images without objects`);
  }
  report.table("Imported", ["split", "images", "objects", "crowds", "without objects"], rows);
  const defects = counts();
  if (defects.length > 0) report.table("Defects in the data", ["defect", "count"], defects);
}
