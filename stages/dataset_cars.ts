/**
 * Brings Stanford Cars into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath, StageError } from "../runner/stage.ts";

export default defineStage({
  summary: "Stanford Cars out of an archive you have: 8,144 training and 8,041 validation images",
  params: z.strictObject({
    archive: externalPath().nullable().default(null)
      .describe("A zip or tar archive, or a folder: class folders, or pictures and devkit"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, as many of each class, for trials"),
  }),
  inputs: {},
  outputs: { train: artifact("classification_dataset"), val: artifact("classification_dataset") },
  images: true,

  async run({ params, outputs, scratch, report, signal }) {
    const { archive, limit } = params;
    if (archive === null) {
      throw new StageError(
        "Cannot fetch Stanford Cars: the site that has it asks for a login. Get " +
          '"Stanford Car Dataset by classes folder" from ' +
          "https://www.kaggle.com/datasets/jutrera/stanford-car-dataset-by-classes-folder " +
          "(or the original cars_train, cars_test and devkit) and say where the archive or its " +
          "folder is: --set data.archive=PATH",
      );
    }
    const { unpacked } = await import("../ml/data/archive.ts");
    const { readCars } = await import("../ml/data/formats/cars.ts");
    const { classImporter } = await import("../ml/data/import_classes.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");

    const place = `${scratch}/cars`;
    const folder = await unpacked(archive, place, {
      signal,
      onProgress: (done, total) => report.progress(done, total, "bytes"),
    });
    await importSplits(
      (onDefect) => readCars(folder, { name: archive, onDefect }),
      classImporter,
      outputs,
      { limit: limit ?? undefined, signal, report },
    );
    if (folder === place) await Deno.remove(place, { recursive: true });
  },
});
