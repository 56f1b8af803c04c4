/**
 * Brings the segmentation part of Pascal VOC 2012 into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Pascal VOC 2012 for segmentation: 1,464 training and 1,449 validation images",
  params: z.strictObject({
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, for trials"),
  }),
  inputs: { archive: artifact("archive") },
  outputs: { train: artifact("segmentation_dataset"), val: artifact("segmentation_dataset") },
  images: true,

  async run({ params, inputs, outputs, scratch, report, signal }) {
    const { ARCHIVE } = await import("../ml/data/archive.ts");
    const { readMaskFolder } = await import("../ml/data/formats/mask_folder.ts");
    const { VOC_CLASSES } = await import("../ml/data/formats/voc_classes.ts");
    const { maskImporter } = await import("../ml/data/import_masks.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");
    const { unpackVoc } = await import("../ml/data/voc_archive.ts");

    const folder = `${scratch}/VOC`;
    const path = await unpackVoc(
      `${inputs.archive}/${ARCHIVE}`,
      folder,
      { labels: "SegmentationClass", lists: "Segmentation" },
      { signal, onProgress: (done, total) => report.progress(done, total, "bytes") },
    );
    const classes = ["background", ...VOC_CLASSES];
    await importSplits(
      (onDefect) => readMaskFolder({ path, format: "voc", classes, onDefect }),
      maskImporter,
      outputs,
      { limit: params.limit ?? undefined, signal, report },
    );
    await Deno.remove(folder, { recursive: true });
  },
});
