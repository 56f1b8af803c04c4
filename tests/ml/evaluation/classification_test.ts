import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { scoring } from "../../../ml/evaluation/classification.ts";
import type { Classifier } from "../../../ml/nn/contracts.ts";
import type { ClassificationData, ClassificationNet } from "../../../ml/tasks/classification.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

/** An evaluation of pictures whose logits are given, in batches of two; pictures are 3x5 pixels. */
async function evaluate(classes: string[], labels: number[], logits: number[][]) {
  let at = 0;
  const classifier: Classifier = {
    logits: ({ shape: [B] }) => tf.tensor2d(logits.slice(at, at += B)),
    features: () => ({}),
    featureWeights: {},
    drops: false,
  };
  const samples = labels.map((label, i) => ({
    file: `data/images/${i}.png`,
    label,
    width: 3,
    height: 5,
  }));
  // The evaluator looks at nothing else of both.
  const evaluator = scoring.evaluator(
    { classifier } as ClassificationNet,
    { dataset: { classes, samples } } as ClassificationData,
    labels.length,
  );
  for (let i = 0; i < labels.length; i += 2) {
    const indices = Int32Array.from([i, i + 1].filter((index) => index < labels.length));
    const images: tf.Tensor4D = tf.zeros([indices.length, 5, 3, 3]);
    const sizes = [...indices].map(() => [5, 3] as const);
    await evaluator.add(images, {
      images,
      sizes,
      indices,
      labels: indices.map((index) => labels[index]),
    });
    images.dispose();
  }
  return evaluator;
}

const LETTERS = ["A", "H", "M", "O", "U", "W"];
const ANSWERS = [
  [9, 1, 2, 3, 4, 5], // A: right
  [9, 1, 2, 3, 4, 5], // H: the last choice
  [9, 1, 2, 3, 4, 5], // M: the fifth
];

testWithBackend("Top-1, Top-5 and the share of each class are in percent", async () => {
  const evaluator = await evaluate(LETTERS, [0, 1, 2, 0], [...ANSWERS, [0, 0, 0, 0, 0, 1]]);
  const { metrics, perClass } = evaluator.finish();
  assert.equal(scoring.mainMetric, "Top-1");
  assert.deepEqual(metrics, { "Top-1": 25, "Top-5": 75 });
  assert.deepEqual(perClass, { A: 50, H: 0, M: 0, O: null, U: null, W: null });
});

testWithBackend("There is no Top-5 of five classes", async () => {
  const evaluator = await evaluate(["a", "b", "c", "d", "e"], [0], [[1, 0, 0, 0, 0]]);
  assert.deepEqual(evaluator.finish().metrics, { "Top-1": 100, "Top-5": null });
});

testWithBackend("Predictions name the first five choices and their probabilities", async () => {
  const e = Math.E;
  const evaluator = await evaluate(LETTERS, [1], [[0, 1, 0, -1, -2, -3]]);
  const total = e + 2 + e ** -1 + e ** -2 + e ** -3;
  const { predictions } = evaluator.finish();
  const rounded = JSON.parse(
    JSON.stringify(predictions),
    (_, value) => typeof value === "number" ? Math.round(1e6 * value) : value,
  );
  const millionths = (x: number) => Math.round(1e6 * x / total);
  assert.deepEqual(rounded, [{
    image: "0.png",
    label: "H",
    predicted: "H",
    scores: [
      { label: "H", score: millionths(e) },
      { label: "A", score: millionths(1) },
      { label: "M", score: millionths(1) },
      { label: "O", score: millionths(e ** -1) },
      { label: "U", score: millionths(e ** -2) },
    ],
  }]);
});

testWithBackend("Marks cover the image and say whether the answer is right", async () => {
  const even = Math.log(0.5);
  const evaluator = await evaluate(["a", "b"], [0, 0], [[0, -Infinity], [even - 1, even]]);
  assert.deepEqual(evaluator.marks(0), {
    name: "0.png",
    truth: [{ box: [0, 0, 3, 5], label: "a", kind: "truth" }],
    found: [{ box: [0, 0, 3, 5], label: "a", score: 1, kind: "right" }],
  });
  const { found } = evaluator.marks(1);
  assert.deepEqual(found.map(({ label, kind }) => [label, kind]), [["b", "wrong"]]);
  assert.throws(() => evaluator.marks(2), {
    name: "RangeError",
    message: "Cannot mark image 2: not evaluated",
  });
});

testWithBackend("A network that has broken down is right about nothing", async () => {
  const evaluator = await evaluate(LETTERS, [0], [LETTERS.map(() => NaN)]);
  assert.deepEqual(evaluator.finish().metrics, { "Top-1": 0, "Top-5": 0 });
  assert.equal(evaluator.marks(0).found[0].kind, "wrong");
});

testWithBackend("An evaluation keeps no tensors", async () => {
  const before = tf.memory().numTensors;
  await evaluate(LETTERS, [0, 1, 2], ANSWERS);
  assert.equal(tf.memory().numTensors, before);
});
