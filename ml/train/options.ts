/**
 * What a pipeline file may say about a training, as schemas.
 *
 * @module
 */
import { z } from "zod";
import type { Degradation } from "../data/degradation.ts";

/** SGD, for task networks. */
export const taskOptimizer = z.strictObject({
  lr: z.number().positive().default(2e-2),
  eta_min: z.number().nonnegative().default(1e-4).describe("Learning rate at the end"),
  momentum: z.number().min(0).max(1).default(0.9),
  weight_decay: z.number().nonnegative().default(1e-4),
}).prefault({}).describe("SGD of the task network");

/** AdamW, for super-resolution networks. */
export const srOptimizer = z.strictObject({
  lr: z.number().positive().default(1e-4),
  eta_min: z.number().nonnegative().default(1e-6).describe("Learning rate at the end"),
  weight_decay: z.number().nonnegative().default(0),
}).prefault({}).describe("AdamW of the super-resolution network");

/** How low-resolution images are made. */
export const degradation = z.enum(["official", "matlab"]).default("official").describe(
  "How LR images are made: 4-tap bicubic as the paper's code, or MATLAB's antialiased imresize",
) satisfies z.ZodType<Degradation>;

/** What of each picture a task shows its networks; detection shows all of it. */
export const transform = z.strictObject({
  resize: z.int().positive().nullable().default(null)
    .describe("Pictures are first resized to so many pixels on the shorter side"),
  crop: z.int().positive().nullable().default(null)
    .describe("Side of square windows: random in training"),
}).prefault({}).describe("What of each picture is shown");

/** How the task-driven perceptual loss compares features. */
export const tdpCriterion = z.enum(["l1", "l2"]);

/** Weights of the losses; the last three sum to 1.02, as published. */
export const lossWeights = z.strictObject({
  pixel: z.number().nonnegative().default(1),
  task: z.number().nonnegative().default(1).describe("Every setting but sr4ir"),
  tdp: z.number().nonnegative().default(1)
    .describe("sr4ir: task-driven perceptual loss; 0 leaves it out"),
  sr: z.number().nonnegative().default(0.34)
    .describe("sr4ir: task loss on SR images; 0 leaves them out, as below"),
  hr: z.number().nonnegative().default(0.34).describe("sr4ir: task loss on HR images"),
  cqmix: z.number().nonnegative().default(0.34).describe("sr4ir: task loss on mixed images"),
}).refine(({ sr, hr, cqmix }) => sr + hr + cqmix > 0, {
  error: "give sr, hr or cqmix a value above 0, as T would learn from nothing",
}).prefault({}).describe("Weights of the losses");
