import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { checkpoint, Params } from "../../../ml/nn/params.ts";
import { segmentationLoss } from "../../../ml/tasks/segmentation.ts";
import * as classifier from "../../../models/backbones/light.ts";
import { build, options } from "../../../models/segmentation/deeplab_v3_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";
import { squares } from "./labels.ts";

function segmenter(K = 9) {
  const p = Params.create(1);
  return { p, T: build(p, options.parse({ num_classes: K })) };
}

testWithBackend("The light segmenter has 109,762 trained numbers", () => {
  const { p } = segmenter();
  assert.equal(p.trained().reduce((sum, { size }) => sum + size, 0), 109_762);
});

testWithBackend("The light segmenter gives every pixel scores; its feature has stride 4", () => {
  const { T } = segmenter();
  const { images } = scene(2, [64, 96]);
  const { out, aux } = T.logits(images, "eval");
  assert.deepEqual(out.shape, [2, 64, 96, 9]);
  assert.deepEqual(aux?.shape, [2, 64, 96, 9]);
  assert.deepEqual(T.features(images).body.shape, [2, 16, 24, 64]);
  assert.deepEqual(T.featureWeights, { body: 1 });
  const gradient = tf.grad((x) => tf.mean(T.features(x as tf.Tensor4D).body))(images);
  assert.ok(gradient.dataSync().some((value) => value !== 0));
});

testWithBackend("The light segmenter's auxiliary head learns ten times as fast", () => {
  const { p, T } = segmenter();
  const fast = p.all().map(({ name }) => name).filter((name) => T.rateFactor(name) === 10);
  assert.deepEqual(fast, ["aux_classifier.logits.weight", "aux_classifier.logits.bias"]);
});

testWithBackend(
  "The light segmenter's body loads from the classifier by name, with its statistics",
  async () => {
    const q = Params.create(1);
    const classify = classifier.build(q, { classes: 3 });
    classify(scene(2, [32, 32]).images, "train"); // so that the statistics are not the first ones
    const tensors = await q.snapshot();
    const used = new Set<string>();
    const source = checkpoint(tensors);
    const p = Params.create(2, (name, shape) => {
      const values = source(name, shape);
      if (values !== undefined) used.add(name);
      return values;
    });
    build(p, options.parse({}));
    // Weight, and of the normalisation weight, bias, mean, variance and counter: six per layer.
    assert.equal(used.size, 4 * 6);
    const loaded = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
    for (const { name, data } of tensors.filter(({ name }) => used.has(name))) {
      assert.deepEqual(loaded.get(name), data, name);
    }
  },
);

testWithBackend("The light segmenter learns: ten steps on one batch lower its loss", async () => {
  const { p, T } = segmenter(3);
  const { images } = scene(4, [48, 48]);
  const labels = squares([4, 48, 48], 3);
  const optimizer = tf.train.momentum(0.05, 0.9);
  const values: number[] = [];
  for (let i = 0; i < 10; i++) {
    const loss = optimizer.minimize(
      () => segmentationLoss(T.logits(images, "train"), labels),
      true,
      p.trained(),
    );
    values.push((await loss?.data() ?? [NaN])[0]);
  }
  assert.ok(values[9] < 0.8 * values[0], `${values}`);
});

testWithBackend(
  "A training step of the light segmenter reaches all it has, leaves no tensors",
  () => {
    const { p, T } = segmenter();
    const { images } = scene(2, [48, 48]);
    const labels = squares([2, 48, 48], 9);
    const step = () => {
      const { value, grads } = tf.variableGrads(
        () => segmentationLoss(T.logits(images, "train"), labels),
        p.trained(),
      );
      assert.equal(Object.keys(grads).length, p.trained().length);
      tf.dispose([value, grads as tf.NamedTensorMap]);
    };
    step();
    const before = tf.memory().numTensors;
    step();
    assert.equal(tf.memory().numTensors, before);
  },
);
