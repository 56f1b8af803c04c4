import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { softmaxCrossEntropy } from "../../../ml/nn/losses.ts";
import { Params } from "../../../ml/nn/params.ts";
import { build, buildMaps, options } from "../../../models/classification/resnet.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";

/** Zeros are made quicker than random numbers. */
const zeros = (_: string, shape: number[]) => new Float32Array(shape.reduce((a, b) => a * b, 1));

function trainedNumbers(depth: number, num_classes: number): number {
  const p = Params.create(1, zeros);
  build(p, options.parse({ depth, num_classes }));
  const count = p.trained().reduce((sum, { size }) => sum + size, 0);
  p.dispose();
  return count;
}

testWithBackend("ResNets have torchvision's numbers of parameters", () => {
  assert.equal(trainedNumbers(18, 196), 11_277_060);
  assert.equal(trainedNumbers(18, 200), 11_279_112);
  assert.equal(trainedNumbers(34, 1000), 21_797_672);
  assert.equal(trainedNumbers(50, 1000), 25_557_032);
  assert.equal(trainedNumbers(101, 1000), 44_549_160);
});

testWithBackend("ResNet-18 has 122 tensors with torchvision's names", () => {
  const p = Params.create(1, zeros);
  build(p, options.parse({}));
  const names = p.all().map(({ name }) => name);
  assert.equal(names.length, 122);
  for (
    const name of [
      "conv1.weight",
      "bn1.num_batches_tracked",
      "layer1.1.conv2.weight",
      "layer2.0.downsample.0.weight",
      "layer4.0.downsample.1.running_var",
      "fc.bias",
    ]
  ) assert.ok(names.includes(name), name);
  p.dispose();
});

testWithBackend("The maps of ResNet-18 halve from stage to stage", () => {
  const p = Params.create(1);
  const { maps, classify } = buildMaps(p, options.parse({ num_classes: 5 }));
  const all = maps(tf.zeros([2, 64, 96, 3]), "eval");
  assert.deepEqual(
    ["start", "l1", "l1a", "l2", "l3", "l4"].map((name) => all[name].shape),
    [
      [2, 16, 24, 64],
      [2, 16, 24, 64],
      [2, 16, 24, 64],
      [2, 8, 12, 128],
      [2, 4, 6, 256],
      [2, 2, 3, 512],
    ],
  );
  assert.deepEqual(classify(all.l4).shape, [2, 5]);
  p.dispose();
});

testWithBackend("The feature of ResNet is its last map, in both modes the same", async () => {
  const p = Params.create(1);
  const classifier = build(p, options.parse({ num_classes: 5 }));
  const { images } = scene(2, [64, 64]);
  const { l4 } = classifier.features(images);
  assert.deepEqual(l4.shape, [2, 2, 2, 512]);
  assert.deepEqual(classifier.featureWeights, { l4: 1 });
  assert.ok((await l4.data()).every((value) => value >= 0));
  const tracked = (await p.snapshot()).find(({ name }) => name === "bn1.num_batches_tracked");
  assert.deepEqual([...tracked?.data ?? []], [0]);
  p.dispose();
});

testWithBackend("A training step of ResNet-18 leaves no tensors behind", () => {
  const p = Params.create(1);
  const classifier = build(p, options.parse({ num_classes: 5 }));
  const { images } = scene(2, [64, 64]);
  const labels = tf.tensor1d([1, 4], "int32");
  const step = () =>
    tf.dispose(tf.variableGrads(
      () => softmaxCrossEntropy(classifier.logits(images, "train"), labels),
      p.trained(),
    ));
  step();
  const before = tf.memory().numTensors;
  step();
  assert.equal(tf.memory().numTensors, before);
  p.dispose();
});
