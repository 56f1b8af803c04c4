/**
 * Brings a segmentation dataset that lies on disk into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

const place = z.string().min(1).optional();
const values = z.array(z.int().min(0).max(255)).nonempty().nullable().default(null);

export default defineStage({
  summary: "Read a segmentation dataset from a folder: pictures and masks in PNG files",
  params: z.strictObject({
    path: externalPath().describe("The dataset's folder"),
    format: z.enum(["auto", "voc", "segnet", "pets"]).default("auto").describe(
      "voc: SegmentationClass and lists of names; segnet: lists of picture and mask, as CamVid's; " +
        "pets: trimaps of Oxford-IIIT Pet; auto: by what is there",
    ),
    classes: z.array(z.string().min(1)).nonempty().nullable().default(null)
      .describe("Names of the classes; from a file *classes*.txt in the folder, unless given"),
    values: values.describe("Value in the masks of each of classes; 0, 1, 2, … unless given"),
    void: values
      .describe("Values that do not count, like 255; those named void or unlabelled, unless given"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, for trials"),
    max_side: z.int().min(32).nullable().default(null)
      .describe("Shrink larger pictures until their longer side has so many pixels"),
    train: place.describe("List of the training images, relative to path"),
    val: place.describe("List of the validation images, relative to path"),
  }),
  inputs: {},
  outputs: { train: artifact("segmentation_dataset"), val: artifact("segmentation_dataset") },
  images: true,

  async run({ params, outputs, report, signal }) {
    const { readMaskFolder } = await import("../ml/data/formats/mask_folder.ts");
    const { maskImporter } = await import("../ml/data/import_masks.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");
    await importSplits(
      (onDefect) =>
        readMaskFolder({
          ...params,
          classes: params.classes ?? undefined,
          values: params.values ?? undefined,
          void: params.void ?? undefined,
          onDefect,
        }),
      maskImporter,
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
