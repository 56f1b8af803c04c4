import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { build, buildMaps, options } from "../../../models/sr/edsr.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

const LIGHT = {
  scale: 4,
  blocks: 4,
  channels: 32,
  upsampler: "direct",
  mean: [0.5, 0.5, 0.5],
  range: 4,
  residual_init: 0.3,
  tail_init: 0.1,
};

function count(p: Params, role: string): number {
  return p.all().filter((one) => one.role === role)
    .reduce((sum, { variable }) => sum + variable.size, 0);
}

for (const [scale, trained, entries] of [[4, 1_517_571, 78], [8, 1_665_283, 80]]) {
  testWithBackend(`EDSR-baseline x${scale} has the published parameters`, () => {
    const p = Params.create(1);
    build(p, options.parse({ scale }));
    assert.equal(count(p, "trained"), trained);
    assert.equal(count(p, "buffer"), 24);
    assert.equal(p.all().length, entries);
    p.dispose();
  });
}

testWithBackend("EDSR enlarges by its scale and leaves no tensors behind", () => {
  for (const scale of [2, 4, 8]) {
    const p = Params.create(1);
    const S = build(p, options.parse({ scale, blocks: 1, channels: 8 }));
    const lr: tf.Tensor4D = tf.ones([2, 3, 5, 3]);
    const before = tf.memory().numTensors;
    const sr = S(lr);
    assert.deepEqual(sr.shape, [2, 3 * scale, 5 * scale, 3]);
    assert.equal(tf.memory().numTensors, before + 1);
    p.dispose();
  }
});

testWithBackend(
  "The light EDSR has 98,000 parameters and starts near its mean colour",
  async () => {
    const p = Params.create(1);
    const S = build(p, options.parse(LIGHT));
    assert.equal(count(p, "trained"), 98_000);
    const names = p.all().map(({ name }) => name);
    assert.ok(names.includes("tail.0.0.weight") && !names.includes("tail.1.weight"));
    const sr = S(tf.fill([1, 6, 6, 3], 0.9));
    assert.deepEqual(sr.shape, [1, 24, 24, 3]);
    const values = await sr.data();
    assert.ok(values.every((value) => Math.abs(value - 0.5) < 0.2), `${values.slice(0, 5)}`);
  },
);

testWithBackend("The factors on EDSR's random weights act where they say", async () => {
  const [plain, scaled] = [Params.create(1), Params.create(1)];
  build(plain, options.parse({ ...LIGHT, residual_init: 1, tail_init: undefined }));
  build(scaled, options.parse(LIGHT));
  const [before, after] = await Promise.all([plain.snapshot(), scaled.snapshot()]);
  const factor: Record<string, number> = { "tail.0.0.weight": 0.1, "tail.0.0.bias": 0 };
  for (let i = 0; i < LIGHT.blocks; i++) factor[`body.${i}.body.2.weight`] = 0.3;
  before.forEach(({ name, data }, i) => {
    // +0: the product of a negative number and 0 is -0.
    const wanted = data.map((value) => value * (factor[name] ?? 1) + 0);
    assert.deepEqual(after[i].data, wanted, name);
  });
});

testWithBackend("EDSR shows its inner maps by layer", () => {
  const p = Params.create(1);
  const maps = buildMaps(p, options.parse({ scale: 2, blocks: 2, channels: 4 }))(
    tf.ones([1, 3, 3, 3]),
  );
  assert.deepEqual(
    Object.fromEntries(Object.entries(maps).map(([name, { shape }]) => [name, shape])),
    {
      head: [1, 3, 3, 4],
      "body.0": [1, 3, 3, 4],
      "body.1": [1, 3, 3, 4],
      body: [1, 3, 3, 4],
      "tail.0": [1, 6, 6, 4],
      output: [1, 6, 6, 3],
    },
  );
});
