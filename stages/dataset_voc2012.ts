/**
 * Fetches Pascal VOC 2012 and brings its detection part into the project's form.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

const CLASSES = [
  "aeroplane",
  "bicycle",
  "bird",
  "boat",
  "bottle",
  "bus",
  "car",
  "cat",
  "chair",
  "cow",
  "diningtable",
  "dog",
  "horse",
  "motorbike",
  "person",
  "pottedplant",
  "sheep",
  "sofa",
  "train",
  "tvmonitor",
];

export default defineStage({
  summary: "Download Pascal VOC 2012 (1.9 GB once): 5,717 training and 5,823 validation images",
  params: z.strictObject({
    url: z.url({ protocol: /^https?$/ })
      .default("http://host.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar")
      .describe("Where the archive is; any mirror will do, the checksum decides"),
    checksum: z.string().default("md5:6cd6e144f989b92b3379bac3b3de84fd")
      .describe("sha256:… or md5:… of the archive"),
    limit: z.int().positive().optional().describe("Only so many images of each split, for trials"),
  }),
  inputs: {},
  outputs: { train: artifact("detection_dataset"), val: artifact("detection_dataset") },
  images: true,
  net: ({ url }) => [new URL(url).host],

  async run({ params, outputs, scratch, report, signal }) {
    const { unpackTar } = await import("../ml/data/archive.ts");
    const { download } = await import("../ml/data/download.ts");
    const { readVocFolder } = await import("../ml/data/formats/voc_folder.ts");
    const { importSplits } = await import("../ml/data/import_splits.ts");

    const archive = `${scratch}/VOCtrainval.tar`;
    await download(params.url, archive, {
      checksum: params.checksum,
      signal,
      log: (line) => report.log(line),
      onProgress: (done, total) => report.progress(done, total ?? done, "bytes"),
    });
    const folder = `${scratch}/VOC`;
    report.log("unpacking");
    await unpackTar(archive, folder, {
      // The masks of other tasks stay behind.
      include: (path) => /\/(Annotations|JPEGImages|ImageSets\/Main)\//.test(`${path}/`),
      signal,
      onProgress: (done, total) => report.progress(done, total, "bytes"),
    });
    await importSplits(
      (onDefect) => readVocFolder(folder, { labels: CLASSES }, { onDefect }),
      outputs,
      { limit: params.limit, signal, report },
    );
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(archive);
  },
});
