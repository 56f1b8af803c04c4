import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { build, options } from "../../../models/detection/faster_rcnn.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "./scene.ts";

testWithBackend("Faster R-CNN has torchvision's parameters, the first 58,896 frozen", () => {
  const p = Params.create(1);
  build(p, { ...options.parse({}), num_classes: 21 });
  const sum = (role: string) =>
    p.all().filter((one) => one.role === role)
      .reduce((total, { variable }) => total + variable.size, 0);
  assert.equal(sum("trained"), 18_968_708);
  assert.equal(sum("frozen"), 58_896);
  assert.equal(sum("buffer"), 48_800);
  assert.equal(p.all().length, 284);
  p.dispose();
});

testWithBackend(
  "Faster R-CNN takes images of different sizes and answers in their pixels",
  async () => {
    const p = Params.create(2);
    const T = build(p, { ...options.parse({ min_size: 64, max_size: 96 }), num_classes: 4 });
    const { images } = scene(2, [48, 60]);
    const sizes = [[48, 40], [30, 60]] as const;
    const features = T.features(images, sizes);
    // 76x64 and 48x96 in one batch of multiples of 32.
    assert.deepEqual(features["0"].shape, [2, 3, 3, 256]);
    assert.deepEqual(features["1"].shape, [2, 3, 3, 256]);
    assert.deepEqual(Object.keys(features), ["0", "1"]);
    tf.dispose(features);
    const found = await T.detect(images, sizes);
    found.forEach(({ boxes, scores }, image) => {
      const [h, w] = sizes[image];
      assert.ok(scores.length <= 100);
      assert.ok(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? w : h) + 1e-3));
    });
    p.dispose();
  },
);
