/**
 * The alternate training of a detector.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { DetectionBatch } from "../../ml/data/detection_batches.ts";
import { padBatch } from "../../ml/data/pad_batch.ts";
import { task } from "../../ml/tasks/detection.ts";
import { warmUpThen } from "../../ml/train/schedules.ts";
import * as fasterRcnn from "../../models/detection/faster_rcnn.ts";
import { detectorOptions, targetList } from "./faster_rcnn.ts";
import { type Fixture, formulaTensor, nchwToNhwc } from "./harness.ts";
import { trajectory } from "./training.ts";

const inputsSchema = z.looseObject({
  scale: z.int(),
  sizes: z.array(z.tuple([z.int(), z.int()])),
  images: z.looseObject({ name: z.string(), kind: z.string() }),
  targets: z.array(z.unknown()),
});

/** Compares `training/det*`. In the first epoch rates rise, then the cosine starts from its step 0. */
export default async function trainingDetection(fixture: Fixture): Promise<void> {
  const inputs = inputsSchema.parse(fixture.inputs);
  await trajectory<DetectionBatch>(fixture, {
    word: "det",
    lossWord: "det",
    build(p, options) {
      const parsed = detectorOptions(options);
      return task.build(p, fasterRcnn, parsed, parsed.num_classes);
    },
    batch: (iteration) => batchAt(inputs, iteration),
    uniform: false,
    schedule: warmUpThen,
  });
}

function batchAt(inputs: z.infer<typeof inputsSchema>, iteration: number): DetectionBatch {
  const { images: { name, kind }, sizes, scale } = inputs;
  const pictures = sizes.map(([height, width], image) => {
    const shape = [1, 3, height, width];
    const full = name.replace("<iteration>", String(iteration)).replace("<image>", String(image));
    const data = nchwToNhwc(
      formulaTensor({ name: full, shape, kind, scale: 0.5, offset: 0.5 }),
      shape,
    );
    return { width, height, data };
  });
  const { data, size: [H, W] } = padBatch(pictures, scale, (length) => new Float32Array(length));
  return {
    images: tf.tensor4d(data, [sizes.length, H, W, 3]),
    sizes,
    indices: Int32Array.from(sizes, (_, i) => i),
    targets: targetList(inputs.targets[iteration]),
  };
}
