/**
 * Brings pictures that lie on disk into the project's form: to train super-resolution on, or to
 * measure it.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Read pictures from a folder: whole, as lossless PNG",
  params: z.strictObject({
    path: externalPath().describe("The folder; pictures in folders below it count too"),
    list: z.string().min(1).nullable().default(null).describe(
      "A file with one picture a line, relative to path, names with or without their ending; " +
        "all pictures, unless given",
    ),
    multiple: z.int().positive().default(1).describe(
      "Cut at the right and below until both sides are multiples of it: the largest scale",
    ),
    min_side: z.int().positive().nullable().default(null)
      .describe("Pictures with a shorter side are left out: the side of training's windows"),
    max_side: z.int().min(32).nullable().default(null)
      .describe("Shrink larger pictures until their longer side has so many pixels"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many pictures, the first ones, for trials"),
  }),
  inputs: {},
  outputs: { images: artifact("images") },
  images: true,

  async run({ params, outputs, report, signal }) {
    const { defectList } = await import("../ml/data/defects.ts");
    const { readPictureFolder } = await import("../ml/data/formats/picture_folder.ts");
    const { importPictures } = await import("../ml/data/import_pictures.ts");

    const { onDefect, counts } = defectList((line) => report.log(line));
    const source = await readPictureFolder(params.path, params.list ?? undefined, onDefect);
    const sizes = await importPictures(source, outputs.images, {
      onDefect,
      multiple: params.multiple,
      minSide: params.min_side ?? 1,
      maxSide: params.max_side ?? undefined,
      limit: params.limit ?? undefined,
      signal,
      onProgress: (done, total) => report.progress(done, total, "pictures"),
    });
    const sides = sizes.flatMap(({ width, height }) => [width, height]);
    const pictures = `${sizes.length} ${sizes.length === 1 ? "picture" : "pictures"}`;
    report.log(`${pictures}, sides of ${Math.min(...sides)} to ${Math.max(...sides)} pixels`);
    const defects = counts();
    if (defects.length > 0) report.table("Defects in the data", ["defect", "count"], defects);
  },
});
