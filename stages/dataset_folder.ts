/**
 * Brings a detection dataset that lies on disk into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

const place = z.string().min(1).optional();

export default defineStage({
  summary: "Read a detection dataset from a folder: Pascal VOC's XML or COCO's JSON",
  params: z.strictObject({
    path: externalPath().describe("The dataset's folder"),
    format: z.enum(["auto", "voc", "coco"]).default("auto")
      .describe("auto: voc if there is a folder Annotations, else coco"),
    classes: z.array(z.string().min(1)).nonempty().nullable().default(null)
      .describe("Only these classes; all that occur, unless given"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, for trials"),
    max_side: z.int().min(32).nullable().default(null)
      .describe("Shrink larger pictures until their longer side has so many pixels"),
    train: place.describe("voc: list of names; coco: annotation file. Relative to path"),
    val: place.describe("The same for validation"),
    annotations: place.describe("voc: folder of XML files"),
    images: place.describe("voc: folder of pictures"),
    train_images: place.describe("coco: folder of the training pictures"),
    val_images: place.describe("coco: folder of the validation pictures"),
  }),
  inputs: {},
  outputs: { train: artifact("detection_dataset"), val: artifact("detection_dataset") },
  images: true,

  async run({ params, outputs, report, signal }) {
    const { readDetectionFolder } = await import("../ml/data/formats/detection_folder.ts");
    const { detectionImporter } = await import("../ml/data/import_detection.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");
    await importSplits(
      (onDefect) =>
        readDetectionFolder({ ...params, classes: params.classes ?? undefined, onDefect }),
      detectionImporter,
      outputs,
      {
        limit: params.limit ?? undefined,
        maxSide: params.max_side ?? undefined,
        signal,
        report,
      },
    );
  },
});
