import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { scoring } from "../../../ml/evaluation/segmentation.ts";
import type { Segmenter } from "../../../ml/nn/contracts.ts";
import type { SegmentationData, SegmentationNet } from "../../../ml/tasks/segmentation.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

const CLASSES = ["ground", "cat", "dog", "owl"];

/** Images that are to be drawn. */
const SHOWN = 32;

/** An evaluator whose network finds the class that the first channel says, times 255. */
function evaluator() {
  const segmenter: Segmenter = {
    logits: (images) => {
      const [B, H, W] = images.shape;
      const first = tf.round(tf.mul(tf.slice(images, [0, 0, 0, 0], [B, H, W, 1]), 255));
      return { out: tf.neg(tf.abs(tf.sub(first, [0, 1, 2, 3]))) };
    },
    features: () => ({}),
    featureWeights: {},
    drops: false,
    rateFactor: () => 1,
  };
  const samples = Array.from({ length: 40 }, (_, i) => ({ file: `data/images/${i}.jpg` }));
  // The evaluator looks at nothing else of both.
  return scoring.evaluator(
    { segmenter } as SegmentationNet,
    { dataset: { classes: CLASSES, samples } } as unknown as SegmentationData,
    SHOWN,
  );
}

/** Images in which the network finds the given classes. */
function batch(found: number[], labels: number[], B: number, index: number) {
  const [H, W] = [1, found.length / B];
  const images = tf.tensor4d(found.flatMap((label) => [label / 255, 0, 0]), [B, H, W, 3]);
  return [images, {
    images,
    sizes: Array.from({ length: B }, () => [H, W] as const),
    indices: Int32Array.from({ length: B }, (_, i) => index + i),
    labels: Uint8Array.from(labels),
  }] as const;
}

testWithBackend(
  "segmentation is scored by the classes that occur; void does not count",
  async () => {
    const images = evaluator();
    await images.add(...batch([0, 0, 1, 1, 0, 1], [0, 0, 1, 255, 0, 0], 2, 0));
    await images.add(...batch([1, 1, 0], [1, 1, 255], 1, 2));
    // Truth 0: three found as 0, one as 1. Truth 1: three found as 1.
    assert.deepEqual(images.finish(), {
      metrics: { mIoU: 75, "mIoU official": null, "pixel accuracy": 100 * 6 / 7 },
      perClass: { ground: 75, cat: 75, dog: null, owl: null },
      predictions: {
        classes: CLASSES,
        confusion: [[3, 1, 0, 0], [0, 3, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],
      },
      colours: {
        ground: [0, 0, 0],
        cat: [128, 0, 0],
        dog: [0, 128, 0],
        owl: [128, 128, 0],
      },
    });
  },
);

testWithBackend("where all classes occur both means are the same", async () => {
  const images = evaluator();
  await images.add(...batch([0, 1, 2, 3], [0, 1, 2, 2], 1, 0));
  const { metrics, perClass } = images.finish();
  assert.deepEqual(perClass, { ground: 100, cat: 100, dog: 50, owl: 0 });
  assert.deepEqual(metrics, { mIoU: 62.5, "mIoU official": 62.5, "pixel accuracy": 75 });
});

testWithBackend("an image is drawn with the colours of its classes, true and found", async () => {
  const images = evaluator();
  await images.add(...batch([0, 0, 2, 1], [0, 255, 1, 1], 2, 4));
  const { name, truth, found, maps } = images.marks(5);
  assert.deepEqual([name, truth, found], ["5.jpg", [], []]);
  assert.deepEqual([maps?.truth.width, maps?.truth.height], [2, 1]);
  assert.deepEqual([...maps?.truth.data ?? []], [128, 0, 0, 128, 0, 0]);
  assert.deepEqual([...maps?.found.data ?? []], [0, 128, 0, 128, 0, 0]);
  assert.deepEqual([...images.marks(4).maps?.truth.data ?? []], [0, 0, 0, 224, 224, 192]);
});

testWithBackend(
  "maps are kept of the images to be drawn only, and of none before it is seen",
  async () => {
    const images = evaluator();
    await images.add(...batch([0, 0], [0, 0], 1, 32));
    for (const index of [3, 32]) {
      assert.throws(() => images.marks(index), {
        name: "RangeError",
        message: `Cannot draw image ${index}: not kept`,
      });
    }
  },
);

testWithBackend("an evaluation leaves no tensors behind", async () => {
  const images = evaluator();
  const [shown, rest] = batch([0, 1], [0, 1], 1, 0);
  const before = tf.memory().numTensors;
  await images.add(shown, rest);
  assert.equal(tf.memory().numTensors, before);
});
