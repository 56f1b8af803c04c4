import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { Mode } from "../../../ml/nn/batch_norm.ts";
import { Params } from "../../../ml/nn/params.ts";
import { type Stream, stream } from "../../../ml/tensor/random.ts";
import { build, options } from "../../../models/classification/vgg.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";

/** Few hidden numbers, so that a network is made in a moment. */
const HIDDEN = 8;

function network(given: Record<string, unknown>) {
  const p = Params.create(1);
  return { p, classifier: build(p, options.parse({ hidden: HIDDEN, ...given })) };
}

/** Trained numbers with torchvision's 4096 hidden ones. */
function trainedNumbers(given: { num_classes: number } & Record<string, unknown>): number {
  const { p } = network(given);
  const count = p.trained().reduce((sum, { size }) => sum + size, 0);
  p.dispose();
  const K = given.num_classes;
  const linear = (hidden: number) => (25088 + 1) * hidden + (hidden + 1) * (hidden + K);
  return count - linear(HIDDEN) + linear(4096);
}

testWithBackend("VGGs have torchvision's numbers of parameters", () => {
  assert.equal(trainedNumbers({ num_classes: 200 }), 129_585_736);
  assert.equal(trainedNumbers({ num_classes: 1000, batch_norm: true }), 132_868_840);
  assert.equal(trainedNumbers({ num_classes: 1000, depth: 16 }), 138_357_544);
  assert.equal(trainedNumbers({ num_classes: 1000, depth: 19, batch_norm: true }), 143_678_248);
});

testWithBackend("Layers of VGG-11 have torchvision's names", () => {
  const convolutions = (batch_norm: boolean) => {
    const { p } = network({ batch_norm });
    const names = p.all().filter(({ shape }) => shape.length === 4).map(({ name }) => name);
    p.dispose();
    return names;
  };
  assert.deepEqual(
    convolutions(false),
    [0, 3, 6, 8, 11, 13, 16, 18].map((i) => `features.${i}.weight`),
  );
  assert.deepEqual(
    convolutions(true),
    [0, 4, 8, 11, 15, 18, 22, 25].map((i) => `features.${i}.weight`),
  );
});

testWithBackend("VGG sees pictures of any size; its feature is the last convolution's map", () => {
  const { p, classifier } = network({ num_classes: 3 });
  const images = scene(2, [32, 48]).images;
  assert.deepEqual(classifier.logits(images, "eval").shape, [2, 3]);
  assert.deepEqual(classifier.features(images).features.shape, [2, 2, 3, 512]);
  p.dispose();
});

testWithBackend("VGG drops in training only, and only if it is given chance", async () => {
  const { p, classifier } = network({ num_classes: 3 });
  const { images } = scene(1, [32, 32]);
  const answer = async (mode: Mode, random?: Stream) => [
    ...await classifier.logits(images, mode, random).data(),
  ];
  const plain = await answer("eval");
  assert.deepEqual(await answer("eval", stream(1, "dropout")), plain);
  assert.deepEqual(await answer("train"), plain);
  assert.notDeepEqual(await answer("train", stream(1, "dropout")), plain);
  p.dispose();
});

testWithBackend("VGG keeps no tensors", () => {
  const { p, classifier } = network({ num_classes: 3, batch_norm: true });
  const { images } = scene(2, [32, 32]);
  const look = () => {
    classifier.logits(images, "train", stream(1, "dropout")).dispose();
    tf.dispose(classifier.features(images));
  };
  look();
  const before = tf.memory().numTensors;
  look();
  assert.equal(tf.memory().numTensors, before);
  p.dispose();
});
