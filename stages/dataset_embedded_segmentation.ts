/**
 * Draws the embedded dataset for segmentation: every pixel of a plate has its letter's class.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

const count = z.int().positive();

export default defineStage({
  summary: "Draw the embedded dataset with a class for every pixel, no download",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1)
      .describe("Changes the training pictures; the validation pictures stay the same"),
    train: count.default(240).describe("Training pictures"),
    val: count.default(250).describe("Validation pictures"),
  }),
  inputs: {},
  outputs: { train: artifact("segmentation_dataset"), val: artifact("segmentation_dataset") },
  images: true,

  async run({ params: { seed, train, val }, outputs, report, signal }) {
    const { writeSegmentationFolder } = await import("../ml/data/embedded_masks.ts");
    const { stream } = await import("../ml/tensor/random.ts");

    let done = 0;
    const onPicture = () => report.progress(++done, train + val, "pictures");
    await writeSegmentationFolder(outputs.train, {
      signal,
      onPicture,
      count: train,
      rngOf: (i) => stream(seed, "embedded", "segmentation", "train", i),
    });
    await writeSegmentationFolder(outputs.val, {
      signal,
      onPicture,
      count: val,
      rngOf: (i) => stream(0, "embedded", "segmentation", "val", i), // the same for every seed
    });
  },
});
