/**
 * Brings a classification dataset that lies on disk into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

const place = z.string().min(1).optional();

export default defineStage({
  summary: "Read a classification dataset from a folder: a folder for each class",
  params: z.strictObject({
    path: externalPath().describe("The dataset's folder"),
    format: z.enum(["auto", "folders", "pets"]).default("auto").describe(
      "folders: train/CLASS/ and val/CLASS/; pets: images/ and lists of names that begin with the " +
        "class, as of Oxford-IIIT Pet; auto: by what is there",
    ),
    classes: z.array(z.string().min(1)).nonempty().nullable().default(null)
      .describe("Only these classes; all that are there, unless given"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, as many of each class, for trials"),
    max_side: z.int().min(32).nullable().default(null)
      .describe("Shrink larger pictures until their longer side has so many pixels"),
    train: place.describe("Folder or list of the training images, relative to path"),
    val: place.describe("Folder or list of the validation images, relative to path"),
  }),
  inputs: {},
  outputs: { train: artifact("classification_dataset"), val: artifact("classification_dataset") },
  images: true,

  async run({ params, outputs, report, signal }) {
    const { readClassFolder } = await import("../ml/data/formats/class_folder.ts");
    const { classImporter } = await import("../ml/data/import_classes.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");
    await importSplits(
      (onDefect) => readClassFolder({ ...params, classes: params.classes ?? undefined, onDefect }),
      classImporter,
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
