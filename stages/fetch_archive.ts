/**
 * Fetches an archive once, for any number of stages.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary:
    "Download an archive once, with resume and checksum: Pascal VOC 2012 (1.9 GB), unless said",
  params: z.strictObject({
    url: z.url({ protocol: /^https?$/ })
      .default("http://host.robots.ox.ac.uk/pascal/VOC/voc2012/VOCtrainval_11-May-2012.tar")
      .describe("Where the archive is; any mirror will do, the checksum decides"),
    checksum: z.string().nullable().default("md5:6cd6e144f989b92b3379bac3b3de84fd")
      .describe("sha256:… or md5:… of the archive; null: whatever comes"),
    file: externalPath().nullable().default(null)
      .describe("A copy of the archive on this machine, instead of downloading it"),
  }),
  inputs: {},
  outputs: { archive: artifact("archive") },
  net: ({ url, file }) => file === null ? [new URL(url).host] : [],

  async run({ params, outputs, scratch, report, signal }) {
    const { ARCHIVE } = await import("../ml/data/archive.ts");
    const { checkFile } = await import("../ml/data/checksum.ts");
    const { download } = await import("../ml/data/download.ts");

    const { url, checksum, file } = params;
    const kept = `${outputs.archive}/${ARCHIVE}`;
    if (file !== null) {
      if (checksum !== null) await checkFile(file, checksum, signal);
      await Deno.copyFile(file, kept);
      return;
    }
    const arriving = `${scratch}/${ARCHIVE}`;
    await download(url, arriving, {
      checksum: checksum ?? undefined,
      signal,
      log: (line) => report.log(line),
      onProgress: (done, total) => report.progress(done, total ?? done, "bytes"),
    });
    await Deno.rename(arriving, kept);
  },
});
