import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { segmentationLoss } from "../../../ml/tasks/segmentation.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { mobileNetV3Classifier, NORM } from "../../../models/backbones/mobilenet_v3.ts";
import { build, options } from "../../../models/segmentation/deeplab_v3.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";
import { squares } from "./labels.ts";

function segmenter(chosen: Record<string, unknown> = {}) {
  const p = Params.create(1);
  return { p, T: build(p, options.parse(chosen)) };
}

const count = (p: Params, part = "") =>
  p.all().filter(({ name, role }) => role === "trained" && name.startsWith(part))
    .reduce((sum, { variable }) => sum + variable.size, 0);

testWithBackend("DeepLabV3 has the published numbers of parameters and of entries", () => {
  const { p } = segmenter();
  assert.equal(count(p), 11_029_328);
  assert.equal(count(p, "backbone."), 2_971_952);
  assert.equal(count(p, "classifier."), 8_053_525);
  assert.equal(count(p, "aux_classifier."), 3_851);
  assert.equal(p.all().length, 360);
  p.dispose();
  const without = segmenter({ aux: false }).p;
  assert.equal(count(without), 11_029_328 - 3_851);
  without.dispose();
});

testWithBackend("DeepLabV3 gives every pixel scores, of sizes that no stride divides too", () => {
  const { p, T } = segmenter({ num_classes: 5 });
  const { out, aux } = T.logits(scene(1, [50, 70]).images, "eval");
  assert.deepEqual(out.shape, [1, 50, 70, 5]);
  assert.deepEqual(aux?.shape, [1, 50, 70, 5]);
  const { C5 } = T.features(scene(1, [64, 96]).images);
  assert.deepEqual(C5.shape, [1, 4, 6, 960]);
  assert.deepEqual(T.featureWeights, { C5: 1 });
  p.dispose();
  const without = segmenter({ aux: false });
  assert.equal(without.T.logits(scene(1, [32, 32]).images, "eval").aux, undefined);
  without.p.dispose();
});

testWithBackend("DeepLabV3's auxiliary head learns ten times as fast", () => {
  const { p, T } = segmenter();
  const fast = p.all().map(({ name }) => name).filter((name) => T.rateFactor(name) !== 1);
  assert.deepEqual(fast.filter((name) => !name.startsWith("aux_classifier.")), []);
  assert.equal(T.rateFactor("aux_classifier.0.weight"), 10);
  p.dispose();
});

testWithBackend("DeepLabV3's body loads by name from ImageNet's, whose names differ", () => {
  const names = (p: Params, prefix: string) =>
    new Map(
      p.all().filter(({ name }) => name.startsWith(prefix))
        .map(({ name, shape }) => [name.slice(prefix.length), shape.join()]),
    );
  const q = Params.create(2);
  mobileNetV3Classifier(q, { norm: NORM, classes: 2 });
  const { p } = segmenter();
  assert.deepEqual(names(p, "backbone."), names(q, "features."));
  p.dispose();
  q.dispose();
});

testWithBackend(
  "In training DeepLabV3 drops at random, and follows the batch's statistics",
  async () => {
    const { p, T } = segmenter();
    const { images } = scene(2, [32, 32]);
    const before = (await p.snapshot()).find(({ name }) => name === "backbone.0.1.running_mean");
    const sum = async (seed?: number) => {
      const random = seed === undefined ? undefined : stream(seed, "dropout");
      return (await tf.sum(T.logits(images, "train", random).out).data())[0];
    };
    const [none, first, second] = [await sum(), await sum(1), await sum(2)];
    assert.equal(new Set([none, first, second]).size, 3);
    assert.equal(await sum(1), first);
    const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
    assert.notDeepEqual(after.get("backbone.0.1.running_mean"), before?.data);
    assert.deepEqual([...after.get("classifier.2.num_batches_tracked") ?? []], [4]);
    p.dispose();
  },
);

testWithBackend("In evaluation DeepLabV3 drops nothing and moves nothing", async () => {
  const { p, T } = segmenter();
  const { images } = scene(2, [32, 32]);
  const before = await p.snapshot();
  const [a, b] = [T.logits(images, "eval", stream(1, "dropout")), T.logits(images, "eval")];
  assert.deepEqual(await a.out.data(), await b.out.data());
  T.features(images);
  assert.deepEqual(await p.snapshot(), before);
  p.dispose();
});

testWithBackend("DeepLabV3 refuses to train on one image, whose statistics say nothing", () => {
  const { p, T } = segmenter();
  assert.throws(() => T.logits(scene(1, [32, 32]).images, "train"), {
    name: "RangeError",
    message: "Cannot normalise [1,1,1,256] by its own statistics: one value per channel",
  });
  p.dispose();
});

testWithBackend("A training step of DeepLabV3 reaches all it has and leaves no tensors", () => {
  const { p, T } = segmenter({ num_classes: 4 });
  const { images } = scene(2, [48, 64]);
  const labels = squares([2, 48, 64], 4);
  const step = () => {
    const { value, grads } = tf.variableGrads(
      () => segmentationLoss(T.logits(images, "train", stream(1, "dropout")), labels),
      p.trained(),
    );
    assert.equal(Object.keys(grads).length, p.trained().length);
    tf.dispose([value, grads as tf.NamedTensorMap]);
  };
  step();
  const before = tf.memory().numTensors;
  step();
  assert.equal(tf.memory().numTensors, before);
  p.dispose();
});
