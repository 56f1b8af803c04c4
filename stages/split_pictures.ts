/**
 * Parts pictures: windows that S learns from, and whole ones held out to measure on.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Part pictures: windows of one size to learn from, whole pictures to measure on",
  params: z.strictObject({
    seed: z.int().nonnegative().default(1),
    resize: z.int().positive().nullable().default(null)
      .describe("Pictures are first resized to so many pixels on the shorter side"),
    side: z.int().min(32).multipleOf(8).default(96)
      .describe("Side of the windows, pixels: 32, which is the networks' stride, or more"),
    windows: z.int().positive().default(1000).describe("How many windows"),
    share: z.number().min(0).max(1).default(0.2).describe("Of the pictures that are held out"),
    most: z.int().positive().default(100).describe("So many are held out at most"),
  }),
  inputs: { images: artifact(["images", "*_dataset"]) },
  outputs: { windows: artifact("images"), held_out: artifact("images") },
  images: true,

  async run({ params, inputs, outputs, report, signal }) {
    const { splitPictures } = await import("../ml/data/split_pictures.ts");
    const targets = { windows: outputs.windows, heldOut: outputs.held_out };
    await splitPictures(inputs.images, targets, {
      ...params,
      signal,
      log: report.log,
      onWindow: (done, total) => report.progress(done, total, "pictures"),
    });
  },
});
