/**
 * Draws the embedded dataset for classification: small pictures of one letter each.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

const count = z.int().positive();

export default defineStage({
  summary: "Draw the embedded dataset as pictures of one letter each, no download",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1)
      .describe("Changes the training pictures; the validation pictures stay the same"),
    train: count.default(720).describe("Training pictures"),
    val: count.default(1000).describe("Validation pictures"),
  }),
  inputs: {},
  outputs: { train: artifact("classification_dataset"), val: artifact("classification_dataset") },
  images: true,

  async run({ params: { seed, train, val }, outputs, report, signal }) {
    const { writeClassificationFolder } = await import("../ml/data/embedded_classes.ts");
    const { stream } = await import("../ml/tensor/random.ts");

    let done = 0;
    const onPicture = () => report.progress(++done, train + val, "pictures");
    await writeClassificationFolder(outputs.train, {
      signal,
      onPicture,
      count: train,
      rngOf: (i) => stream(seed, "embedded", "classification", "train", i),
    });
    await writeClassificationFolder(outputs.val, {
      signal,
      onPicture,
      count: val,
      rngOf: (i) => stream(0, "embedded", "classification", "val", i), // the same for every seed
    });
  },
});
