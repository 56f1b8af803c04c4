/**
 * Brings the detection part of Pascal VOC 2012 into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Pascal VOC 2012 for detection: 5,717 training and 5,823 validation images",
  params: z.strictObject({
    difficult: z.enum(["keep", "drop"]).default("keep")
      .describe("Whether objects marked as difficult count, in training and evaluation"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, for trials"),
  }),
  inputs: { archive: artifact("archive") },
  outputs: { train: artifact("detection_dataset"), val: artifact("detection_dataset") },
  images: true,

  async run({ params, inputs, outputs, scratch, report, signal }) {
    const { ARCHIVE } = await import("../ml/data/archive.ts");
    const { readVocFolder } = await import("../ml/data/formats/voc_folder.ts");
    const { VOC_CLASSES } = await import("../ml/data/formats/voc_classes.ts");
    const { detectionImporter } = await import("../ml/data/import_detection.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");
    const { unpackVoc } = await import("../ml/data/voc_archive.ts");

    const { difficult, limit } = params;
    const folder = `${scratch}/VOC`;
    const base = await unpackVoc(
      `${inputs.archive}/${ARCHIVE}`,
      folder,
      { labels: "Annotations", lists: "Main" },
      { signal, onProgress: (done, total) => report.progress(done, total, "bytes") },
    );
    await importSplits(
      (onDefect) => readVocFolder(base, { labels: VOC_CLASSES }, { difficult, onDefect }),
      detectionImporter,
      outputs,
      { limit: limit ?? undefined, signal, report },
    );
    await Deno.remove(folder, { recursive: true });
  },
});
