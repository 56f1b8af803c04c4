/**
 * Brings CUB-200-2011 into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "CUB-200-2011 (1.1 GB once): birds, 5,994 training and 5,794 validation images",
  params: z.strictObject({
    archive: externalPath().nullable().default(null)
      .describe("The archive, or its folder, on this machine; downloaded unless given"),
    url: z.url({ protocol: /^https?$/ })
      .default("https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz")
      .describe("Where to download it from; any mirror will do, the checksum decides"),
    checksum: z.string().default("md5:97eceeb196236b17998738112f37df78")
      .describe("sha256:… or md5:… of what is downloaded"),
    limit: z.int().positive().nullable().default(null)
      .describe("Only so many images of each split, as many of each class, for trials"),
  }),
  inputs: {},
  outputs: { train: artifact("classification_dataset"), val: artifact("classification_dataset") },
  images: true,
  // The makers' site sends whoever asks on to where it keeps its files.
  net: ({ archive, url }) =>
    archive === null ? [new URL(url).host, "s3.us-west-2.amazonaws.com"] : [],

  async run({ params, outputs, scratch, report, signal }) {
    const { unpacked } = await import("../ml/data/archive.ts");
    const { download } = await import("../ml/data/download.ts");
    const { readCub } = await import("../ml/data/formats/cub.ts");
    const { classImporter } = await import("../ml/data/import_classes.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");

    const { archive, url, checksum, limit } = params;
    const progress = (done: number, total?: number) =>
      report.progress(done, total ?? done, "bytes");
    const downloaded = `${scratch}/CUB_200_2011.tgz`;
    if (archive === null) {
      await download(url, downloaded, {
        checksum,
        signal,
        log: (line) => report.log(line),
        onProgress: progress,
      });
    }
    const place = `${scratch}/CUB`;
    const folder = await unpacked(archive ?? downloaded, place, {
      // Outlines and attributes stay behind.
      include: (path) => /(^|\/)(images\/.*|images\.txt|train_test_split\.txt)$/.test(path),
      signal,
      onProgress: progress,
    });
    await importSplits(
      (onDefect) => readCub(folder, { name: archive ?? url, onDefect }),
      classImporter,
      outputs,
      { limit: limit ?? undefined, signal, report },
    );
    if (folder === place) await Deno.remove(place, { recursive: true });
    if (archive === null) await Deno.remove(downloaded);
  },
});
