import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { keepingOnly } from "../../../ml/tensor/keeping_backend.ts";
import { upscale } from "../../../ml/tensor/ops/upscale.ts";
import { build, options } from "../../../models/sr/nafnet.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { checkAgainstTorch } from "./torch_fixture.ts";

const SMALL = { width: 4, encoder: [1, 1], middle: 1, decoder: [1, 0] };

testWithBackend(
  "NAFNet behind bilinear enlargement and its gradients equal PyTorch's",
  () => checkAgainstTorch("nafnet_x2", (p, given) => build(p, options.parse(given))),
);

Deno.test("NAFNet has the released networks' parameters", async () => {
  // The authors name 17.1 and 29.2 millions for the networks of width 32.
  const denoising = { encoder: [2, 2, 4, 8], middle: 12, decoder: [2, 2, 2, 2] };
  for (const [given, wanted] of [[{}, 17_111_907], [denoising, 29_159_715]] as const) {
    await keepingOnly(() => {
      const p = Params.create(1, (_, shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
      build(p, options.parse(given));
      assert.equal(p.trained().reduce((sum, { size }) => sum + size, 0), wanted);
      p.dispose();
    });
  }
});

testWithBackend("NAFNet takes images of any size and leaves no tensors behind", () => {
  for (const scale of [1, 2, 4]) {
    const p = Params.create(1);
    const S = build(p, options.parse({ ...SMALL, scale }));
    for (const [h, w] of [[3, 5], [4, 8]]) {
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

testWithBackend("NAFNet without weights in its last layer is the enlargement", async () => {
  const p = Params.create(
    1,
    (name, shape) =>
      name.startsWith("ending.") ? new Float32Array(shape.reduce((a, b) => a * b, 1)) : undefined,
  );
  const S = build(p, options.parse({ ...SMALL, scale: 4 }));
  const lr: tf.Tensor4D = tf.randomUniform([1, 3, 5, 3], 0, 1, "float32", 1);
  assert.deepEqual(await S(lr).data(), await upscale(lr, 4).data());
  p.dispose();
});

Deno.test("NAFNet says which of its options do not fit together", () => {
  const { error } = options.safeParse({ encoder: [1, 1], decoder: [1] });
  assert.deepEqual(error?.issues.map(({ path, message }) => [path, message]), [
    [["decoder"], "a list of as many numbers as encoder has"],
  ]);
});
