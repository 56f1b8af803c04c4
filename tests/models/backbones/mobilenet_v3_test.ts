import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import {
  CHANNELS,
  type Memory,
  mobileNetV3Body,
  NORM,
} from "../../../models/backbones/mobilenet_v3.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { scene } from "../detection/scene.ts";

const FROZEN = { frozen: { eps: 1e-5 } };

testWithBackend("The body's parts have the table's sizes, dilated ones keep theirs", () => {
  const x: tf.Tensor4D = tf.zeros([1, 64, 96, 3]);
  const strides = [2, 2, 4, 4, 8, 8, 8, 16, 16, 16, 16, 16, 16, 32, 32, 32, 32];
  for (const dilated of [false, true]) {
    const p = Params.create(1);
    const maps = mobileNetV3Body(p, { norm: dilated ? NORM : FROZEN, dilated })(x, "eval");
    maps.forEach(({ shape }, i) => {
      const stride = dilated ? Math.min(strides[i], 16) : strides[i];
      assert.deepEqual(shape, [1, 64 / stride, 96 / stride, CHANNELS[i]], `part ${i}`);
    });
    p.dispose();
  }
});

testWithBackend("The body gives the same gradients from less memory", async () => {
  const p = Params.create(1);
  const body = mobileNetV3Body(p, { norm: FROZEN, frozenParts: 7 });
  const { images } = scene(2, [64, 64]);
  const gradients = (memory: Memory, variables: tf.Variable[]) => {
    const input = tf.variable(images);
    const { value, grads } = tf.variableGrads(() => {
      const maps = body(input as tf.Tensor as tf.Tensor4D, "eval", memory);
      return tf.add<tf.Scalar>(tf.mean(tf.square(maps[13])), tf.mean(tf.square(maps[16])));
    }, [input, ...variables]);
    return [value, grads[input.name], ...variables.map(({ name }) => grads[name])];
  };
  const trained = p.trained();
  const all = gradients("all", trained);
  await assertSame(gradients("trained", trained), all);
  await assertSame(gradients("input", []), all.slice(0, 2));
});

async function assertSame(got: tf.Tensor[], expected: tf.Tensor[]): Promise<void> {
  assert.equal(got.length, expected.length);
  for (const [i, tensor] of got.entries()) {
    const [a, b] = [await tensor.data(), await expected[i].data()];
    const largest = Array.from(b).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    a.forEach((value, k) => assert.ok(Math.abs(value - b[k]) <= 1e-4 * largest, `tensor ${i}`));
  }
}
