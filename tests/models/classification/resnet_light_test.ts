import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { softmaxCrossEntropy } from "../../../ml/nn/losses.ts";
import { checkpoint, Params } from "../../../ml/nn/params.ts";
import * as pretrained from "../../../models/backbones/resnet_light.ts";
import { build, options } from "../../../models/classification/resnet_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";

testWithBackend("The light ResNet has 77,912 trained numbers for 8 classes", () => {
  const p = Params.create(1);
  build(p, options.parse({}));
  assert.equal(p.trained().reduce((sum, { size }) => sum + size, 0), 77_912);
});

testWithBackend("The light ResNet answers for each picture and shows its last map", async () => {
  const p = Params.create(1);
  const classifier = build(p, options.parse({ num_classes: 8 }));
  const { images } = scene(3, [40, 40]);
  assert.deepEqual(classifier.logits(images, "eval").shape, [3, 8]);
  const { layer3 } = classifier.features(images);
  assert.deepEqual(layer3.shape, [3, 5, 5, 64]);
  assert.deepEqual(classifier.featureWeights, { layer3: 1 });
  const gradient = tf.grad((x) => tf.mean(classifier.features(x as tf.Tensor4D).layer3))(images);
  assert.ok((await gradient.data()).some((value) => value !== 0));
});

testWithBackend("The light ResNet learns: ten steps on one batch lower its loss", async () => {
  const p = Params.create(1);
  const classifier = build(p, options.parse({ num_classes: 3 }));
  const { images } = scene(6, [40, 40]);
  const labels = tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");
  const optimizer = tf.train.momentum(0.03, 0.9);
  const values: number[] = [];
  for (let i = 0; i < 10; i++) {
    const loss = optimizer.minimize(
      () => softmaxCrossEntropy(classifier.logits(images, "train"), labels),
      true,
      p.trained(),
    );
    values.push((await loss?.data() ?? [NaN])[0]);
  }
  assert.ok(values[9] < 0.5 * values[0], `${values}`);
});

testWithBackend(
  "The light ResNet loads its body from the pre-training classifier by name",
  async () => {
    const p = Params.create(1);
    const classify = pretrained.build(p, { classes: 12 });
    const { images } = scene(4, [32, 32]);
    assert.deepEqual(classify(images, "train").shape, [4, 12]); // moves the statistics too
    const tensors = await p.snapshot();
    const used = new Set<string>();
    const source = checkpoint(tensors);
    const q = Params.create(2, (name, shape) => {
      const values = source(name, shape);
      if (values !== undefined) used.add(name);
      return values;
    });
    const classifier = build(q, options.parse({ num_classes: 8 }));
    // Nine convolutions, each with six tensors of its normalisation beside the weight's one.
    assert.equal(used.size, 9 * 6);
    assert.deepEqual(
      q.all().filter(({ name }) => !used.has(name)).map(({ name }) => name),
      ["fc.weight", "fc.bias"],
    );
    assert.deepEqual(
      tensors.filter(({ name }) => !used.has(name)).map(({ name }) => name),
      ["head.fc.weight", "head.fc.bias"],
    );
    const body = pretrained.resNetLightBody(Params.create(3, source));
    assert.deepEqual(
      [...await classifier.features(images).layer3.data()],
      [...await body(images, "eval").data()],
    );
  },
);

testWithBackend("A training step of the light ResNet leaves no tensors behind", () => {
  const p = Params.create(1);
  const classifier = build(p, options.parse({}));
  const { images } = scene(2, [40, 40]);
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
});
