import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { keepingOnly } from "../../../ml/tensor/keeping_backend.ts";
import { build, options } from "../../../models/sr/rrdbnet.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { checkAgainstTorch } from "./torch_fixture.ts";

for (const scale of [4, 2]) {
  testWithBackend(
    `RRDBNet x${scale} and its gradients equal PyTorch's`,
    () => checkAgainstTorch(`rrdbnet_x${scale}`, (p, given) => build(p, options.parse(given))),
  );
}

Deno.test("RRDBNet has the released network's parameters", async () => {
  for (const [scale, wanted] of [[4, 16_697_987], [2, 16_703_171]]) {
    await keepingOnly(() => {
      const p = Params.create(1, (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
      build(p, options.parse({ scale }));
      assert.equal(p.trained().reduce((sum, { size }) => sum + size, 0), wanted);
      assert.equal(p.all().length, 702);
      p.dispose();
    });
  }
});

testWithBackend("RRDBNet enlarges images of any size and leaves no tensors behind", () => {
  for (const scale of [2, 4]) {
    const p = Params.create(1);
    const S = build(p, options.parse({ scale, blocks: 1, channels: 4, growth: 2 }));
    for (const [h, w] of [[3, 5], [1, 4], [6, 1]]) {
      const lr: tf.Tensor4D = tf.ones([2, h, w, 3]);
      const before = tf.memory().numTensors;
      const sr = S(lr);
      assert.deepEqual(sr.shape, [2, scale * h, scale * w, 3]);
      assert.equal(tf.memory().numTensors, before + 1);
      tf.dispose([lr, sr]);
    }
    p.dispose();
  }
});

testWithBackend("RRDBNet's dense blocks start with a tenth of Kaiming's weights", async () => {
  const p = Params.create(1);
  build(p, options.parse({ blocks: 1, channels: 16, growth: 16 }));
  const weights = new Map((await p.snapshot()).map(({ name, data }) => [name, data]));
  const conv2 = weights.get("body.0.rdb1.conv2.weight") as Float32Array;
  const deviation = Math.sqrt(conv2.reduce((sum, x) => sum + x * x, 0) / conv2.length);
  const wanted = 0.1 * Math.sqrt(2 / (32 * 9));
  assert.ok(Math.abs(deviation / wanted - 1) < 0.05, `${deviation}, expected ${wanted}`);
  assert.ok(weights.get("body.0.rdb1.conv2.bias")?.every((x) => x === 0));
  p.dispose();
});
