/**
 * Intersection over union of segmentations.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { ConfusionMatrix } from "../../ml/metrics/mean_iou.ts";
import { stored } from "./compare.ts";
import { at, checkNumber, entries, type Fixture, formulaTensor, tensorSpec } from "./harness.ts";

const inputsSchema = z.looseObject({
  target: tensorSpec,
  other: tensorSpec,
  keep: tensorSpec,
  prediction: z.literal("keep < 6 ? target : other, then 255 -> 0"),
});
const expectedSchema = z.looseObject({
  matrix: z.array(z.array(z.int())),
  iou: z.array(stored),
  miou: stored,
  miou_of_present: stored,
  pixel_accuracy: stored,
});

/** The tolerance that the file names in words. */
const TOLERANCE = 1e-6;

/** Compares `metrics/miou*`. */
export default function meanIou({ inputs, expected }: Fixture): void {
  for (const [name, described] of entries(expected)) {
    const { target, other, keep } = inputsSchema.parse(at(inputs, name));
    const wanted = expectedSchema.parse(described);
    const [truth, second, chosen] = [target, other, keep].map(formulaTensor);
    const predicted = truth.map((label, i) => chosen[i] < 6 ? label : second[i])
      .map((label) => label === 255 ? 0 : label);
    const confusion = new ConfusionMatrix(wanted.matrix.length);
    confusion.add(truth, predicted);
    assert.deepEqual(confusion.rows(), wanted.matrix, `${name}: matrix`);
    const scores = confusion.scores();
    const near = (got: number, expected: number, label: string) =>
      checkNumber(got, expected, TOLERANCE, `${name}: ${label}`);
    wanted.iou.forEach((iou, k) => near(scores.perClass[k], iou, `class ${k}`));
    near(scores.mean, wanted.miou, "mean");
    near(scores.meanOfPresent, wanted.miou_of_present, "mean of the classes that occur");
    near(scores.pixelAccuracy, wanted.pixel_accuracy, "pixel accuracy");
  }
}
