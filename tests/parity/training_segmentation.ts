/**
 * The alternate training of a segmenter.
 *
 * @module
 */
import type { SegmentationBatch } from "../../ml/data/segmentation_batches.ts";
import { task } from "../../ml/tasks/segmentation.ts";
import * as deepLabV3 from "../../models/segmentation/deeplab_v3.ts";
import { segmenterOptions } from "./deeplab_v3.ts";
import { inEitherPrecision } from "./double_precision.ts";
import { at, type Fixture, formulaTensor } from "./harness.ts";
import { imagesAt, specAt, trajectory } from "./training.ts";

/** Compares `training/seg*`. The original has three groups of parameters: body, head, auxiliary head. */
export default async function trainingSegmentation(fixture: Fixture): Promise<void> {
  await inEitherPrecision((slack) =>
    trajectory<SegmentationBatch>(fixture, {
      word: "seg",
      lossWord: "auxce",
      build(p, described) {
        const options = segmenterOptions(described);
        return task.build(p, deepLabV3, options, options.num_classes);
      },
      batch: (iteration) => ({
        ...imagesAt(fixture, iteration),
        labels: Uint8Array.from(formulaTensor(specAt(at(fixture.inputs, "labels"), iteration))),
      }),
      uniform: true,
      slack,
      factors: [1, 1, 10],
    })
  );
}
