import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { softmaxCrossEntropy } from "../../../ml/nn/losses.ts";
import { checkpoint, Params } from "../../../ml/nn/params.ts";
import { build } from "../../../models/backbones/light.ts";
import * as fasterRcnn from "../../../models/detection/faster_rcnn_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";

testWithBackend("The pre-training classifier learns and moves its running statistics", async () => {
  const p = Params.create(1);
  const classify = build(p, { classes: 3 });
  const { images } = scene(6, [32, 32]);
  const labels = tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");
  const optimizer = tf.train.adam(1e-3);
  const values: number[] = [];
  for (let i = 0; i < 8; i++) {
    const loss = optimizer.minimize(
      () => softmaxCrossEntropy(classify(images, "train"), labels),
      true,
      p.trained(),
    );
    values.push((await loss?.data() ?? [NaN])[0]);
  }
  assert.ok(values[7] < values[0], `${values}`);
  const after = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
  assert.deepEqual([...after.get("backbone.body.0.1.num_batches_tracked") ?? []], [8]);
  assert.ok(after.get("backbone.body.3.1.running_mean")?.some((value) => value !== 0));
});

testWithBackend(
  "The detector's body loads from the classifier by name and sees the same",
  async () => {
    const p = Params.create(1);
    const classify = build(p, { classes: 3 });
    const { images, sizes } = scene(2, [32, 32]);
    classify(images, "train"); // so that the statistics are not the initial ones
    const tensors = await p.snapshot();
    const used = new Set<string>();
    const source = checkpoint(tensors);
    const detector = fasterRcnn.build(
      Params.create(2, (name, shape) => {
        const values = source(name, shape);
        if (values !== undefined) used.add(name);
        return values;
      }),
      { ...fasterRcnn.options.parse({}), num_classes: 9 },
    );
    // Weight, and of the normalisation weight, bias, mean and variance: five per layer.
    assert.equal(used.size, 4 * 5);
    const other = build(Params.create(3, source), { classes: 3 });
    assert.deepEqual(
      [...await other(images, "eval").data()],
      [...await classify(images, "eval").data()],
    );
    const { body } = detector.features(images, sizes);
    assert.deepEqual(body.shape, [2, 8, 8, 64]);
  },
);
