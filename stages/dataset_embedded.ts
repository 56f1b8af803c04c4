/**
 * Draws the embedded dataset: letters on plates, small enough that a quarter of the resolution
 * hides them.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

const count = z.int().positive();

export default defineStage({
  summary: "Draw the embedded dataset: letters on plates, no download",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1)
      .describe("Changes train, pool and crops; the validation pictures stay the same"),
    train: count.default(80).describe("Labelled training pictures"),
    val: count.default(250).describe("Labelled validation pictures"),
    pool: count.default(1000).describe("Pictures without labels, to train super-resolution on"),
    crops: count.default(2000).describe("Pictures of one letter, to pre-train a backbone on"),
  }),
  inputs: {},
  outputs: {
    train: artifact("detection_dataset"),
    val: artifact("detection_dataset"),
    pool: artifact("images"),
    crops: artifact("class_crops"),
  },
  images: true,

  async run({ params, outputs, report, signal }) {
    const { writeCropFolder, writeDetectionFolder, writeImageFolder } = await import(
      "../ml/data/embedded.ts"
    );
    const { stream } = await import("../ml/tensor/random.ts");

    const { seed } = params;
    const total = params.train + params.val + params.pool + params.crops;
    let done = 0;
    const common = { signal, onPicture: () => report.progress(++done, total, "pictures") };
    const drawn = (purpose: string) => (i: number) => stream(seed, "embedded", purpose, i);

    await writeDetectionFolder(outputs.train, {
      ...common,
      count: params.train,
      rngOf: drawn("train"),
    });
    await writeDetectionFolder(outputs.val, {
      ...common,
      count: params.val,
      rngOf: (i) => stream(0, "embedded", "val", i), // the same for every seed: results compare
    });
    await writeImageFolder(outputs.pool, { ...common, count: params.pool, rngOf: drawn("pool") });
    await writeCropFolder(outputs.crops, { ...common, count: params.crops, rngOf: drawn("crops") });
  },
});
