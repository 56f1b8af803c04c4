/**
 * What a pipeline file may say about training S on pictures without labels, as a schema.
 *
 * @module
 */
import { z } from "zod";
import { degradation } from "./options.ts";

/** Params that the stages `train_sr` and `train_label_free` share. */
export const pictureTraining = z.strictObject({
  seed: z.int().nonnegative().default(1),
  scale: z.literal([2, 4, 8]).default(4).describe("Up-scaling factor"),
  degradation,
  epochs: z.number().positive(),
  repeat: z.int().positive().default(1)
    .describe("How often an epoch shows each picture: with crop, so many windows of it"),
  batch_size: z.int().positive().default(16),
  resize: z.int().positive().nullable().default(null)
    .describe("Pictures are first resized to so many pixels on the shorter side"),
  crop: z.int().positive().nullable().default(null)
    .describe("Side of random windows, pixels; whole images if null"),
  last_batch: z.enum(["drop", "keep"]).default("drop")
    .describe("What becomes of an epoch's last batch where it is smaller"),
  flip: z.number().min(0).max(1).default(0.5).describe("Share of mirrored images"),
  turn: z.boolean().default(false)
    .describe("Windows are also turned by right angles at random; needs crop"),
  lr_warm_up_iterations: z.int().nonnegative().default(0)
    .describe("The learning rate rises linearly for so long"),
  lr_warm_up_epochs: z.number().nonnegative().nullable().default(null)
    .describe("The same in epochs, which counts if it is given"),
  period_epochs: z.number().positive().nullable().default(null)
    .describe("Length of the cosine; by default what the linear rise leaves of epochs"),
  optimizer: z.strictObject({
    lr: z.number().positive().default(1e-4),
    eta_min: z.number().nonnegative().default(1e-6),
    weight_decay: z.number().nonnegative().default(0),
  }).prefault({}).describe("AdamW"),
});

/** The same once it is read. */
export type PictureTraining = z.infer<typeof pictureTraining>;
