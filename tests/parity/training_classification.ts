/**
 * The alternate training of a classifier.
 *
 * @module
 */
import { z } from "zod";
import type { ClassificationBatch } from "../../ml/data/classification_batches.ts";
import { task } from "../../ml/tasks/classification.ts";
import * as resnet from "../../models/classification/resnet.ts";
import { inEitherPrecision } from "./double_precision.ts";
import { at, type Fixture } from "./harness.ts";
import { imagesAt, trajectory } from "./training.ts";

/** Compares `training/cls*`. */
export default async function trainingClassification(fixture: Fixture): Promise<void> {
  const labels = z.array(z.array(z.int())).parse(at(fixture.inputs, "labels"));
  await inEitherPrecision((slack) =>
    trajectory<ClassificationBatch>(fixture, {
      word: "cls",
      lossWord: "ce",
      build(p, options) {
        const { num_classes } = z.looseObject({ num_classes: z.int() }).parse(options);
        return task.build(p, resnet, resnet.options.parse({ num_classes }), num_classes);
      },
      batch: (iteration) => ({
        ...imagesAt(fixture, iteration),
        labels: Int32Array.from(labels[iteration]),
      }),
      uniform: true,
      slack,
    })
  );
}
