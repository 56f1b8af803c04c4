import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { Params } from "../../../ml/nn/params.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { chanceOf } from "../../../ml/train/chance.ts";
import { sgd } from "../../../ml/train/optimizers.ts";
import { srOnly } from "../../../ml/train/recipes/sr_only.ts";
import { trainee } from "../../../ml/train/trainee.ts";
import { build, options } from "../../../models/sr/swinir.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

/** Two groups of two blocks: six branches may be dropped. */
const TINY = options.parse({ scale: 2, embed: 8, depths: [2, 2], heads: [2, 2], drop_path: 0.3 });

function count(p: Params, role: string): number {
  return p.all().filter((one) => one.role === role)
    .reduce((sum, { variable }) => sum + variable.size, 0);
}

/** Numbers in [0, 1) that depend on the shape and the name only. */
function picture(B: number, h: number, w: number, name = "picture"): tf.Tensor4D {
  const random = stream(1, name, B, h, w);
  return tf.tensor4d(Float32Array.from({ length: B * h * w * 3 }, random.uniform), [B, h, w, 3]);
}

for (const [scale, trained, entries] of [[4, 11_900_199, 550], [8, 12_047_911, 552]]) {
  testWithBackend(`SwinIR x${scale} has the published parameters and masks`, () => {
    const p = Params.create(1);
    build(p, options.parse({ scale }));
    assert.equal(count(p, "trained"), trained);
    assert.equal(count(p, "buffer"), 2_801_664);
    assert.equal(p.all().length, entries);
    p.dispose();
  });
}

testWithBackend("SwinIR enlarges pictures of any size and leaves no tensors behind", () => {
  const p = Params.create(1);
  for (const scale of [2, 4, 8] as const) {
    const S = build(p.at(scale), { ...TINY, scale });
    for (const [h, w] of [[8, 16], [9, 5], [20, 17], [1, 3]]) {
      const lr = picture(2, h, w);
      const before = tf.memory().numTensors;
      const sr = S(lr);
      assert.deepEqual(sr.shape, [2, h * scale, w * scale, 3]);
      assert.equal(tf.memory().numTensors, before + 1);
    }
  }
  p.dispose();
});

testWithBackend("SwinIR mirrors a picture at its lower and right border", async () => {
  const p = Params.create(1);
  const S = build(p, TINY);
  const small = picture(1, 6, 7);
  const [below, right] = [[0, 1, 2, 3, 4, 5, 4, 3], [0, 1, 2, 3, 4, 5, 6, 5]];
  const large = tf.gather(tf.gather(small, below, 1), right, 2); // [1, 8, 8, 3]
  const cut = tf.slice(S(large), 0, [1, 12, 14, 3]);
  assert.deepEqual(await S(small).data(), await cut.data());
  p.dispose();
});

testWithBackend("SwinIR's branches can be dropped image by image", async () => {
  const p = Params.create(1);
  const S = build(p, TINY);
  assert.deepEqual(
    S.keepRates?.map((rate) => Math.round(rate * 1e6) / 1e6),
    [0.9, 0.9, 0.8, 0.8, 0.7, 0.7],
  );
  const lr = picture(2, 8, 8);
  const evaluated = await S(lr).data();
  assert.deepEqual(await S(lr, tf.ones([6, 2])).data(), evaluated);

  const [dropped, kept] = tf.split(S(lr, tf.tensor2d(Array(6).fill([0, 1]))), 2);
  assert.deepEqual(await kept.data(), evaluated.slice(evaluated.length / 2));
  assert.notDeepEqual(await dropped.data(), evaluated.slice(0, evaluated.length / 2));
  p.dispose();
});

testWithBackend("SwinIR without dropped branches asks for no draws", () => {
  const p = Params.create(1);
  assert.equal(build(p.at("none"), { ...TINY, drop_path: 0 }).keepRates, undefined);
  assert.equal(build(p.at("one"), { ...TINY, depths: [1], heads: [2] }).keepRates, undefined);
  assert.equal(build(p.at("all"), options.parse({ embed: 6 })).keepRates?.length, 70);
  p.dispose();
});

/** Losses and tensors of some steps, and the weights they lead to. */
async function train(uniform: boolean) {
  const p = Params.create(1);
  // Adam would enlarge what rounding leaves of gradients that are 0, as those of the keys' biases.
  const S = trainee(build(p, TINY), p, (v) => sgd(v));
  const step = srOnly(S, { scale: 2, degradation: "official", uniform });
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let i = 0; i < 4; i++) {
    const hr = picture(2, 24, 32, `original ${i}`);
    const numbers = tf.tensor1d(S.optimizer.numbers(i + 1, [0.1]));
    const { pixel } = step(hr, numbers, chanceOf(1, i));
    losses.push((await pixel.data())[0]);
    tf.dispose([hr, numbers, pixel]);
    tensors.push(tf.memory().numTensors);
  }
  const weights = await p.snapshot();
  p.dispose();
  return { losses, tensors, weights };
}

testWithBackend("A traced training step of SwinIR does what the step itself does", async () => {
  const [traced, eager] = [await train(true), await train(false)];
  traced.losses.forEach((loss, i) => assert.ok(Math.abs(loss - eager.losses[i]) < 1e-6));
  traced.weights.forEach(({ name, data }, i) => {
    const wanted = eager.weights[i].data;
    assert.ok(data.every((value, j) => Math.abs(value - wanted[j]) < 1e-6), name);
  });
  assert.equal(new Set(traced.losses).size, 4);
});

testWithBackend("A training step of SwinIR keeps no tensors", async () => {
  for (const uniform of [true, false]) {
    const { tensors } = await train(uniform);
    assert.equal(new Set(tensors.slice(1)).size, 1, `${tensors}`);
  }
});

Deno.test("SwinIR says which options do not fit together", () => {
  const messages = (given: Record<string, unknown>) =>
    options.safeParse(given).error?.issues.map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(messages({ depths: [2, 2] }), [
    "heads: a list of as many numbers as depths has",
  ]);
  assert.deepEqual(messages({ embed: 64 }), ["heads: a list of divisors of embed"]);
  assert.deepEqual(messages({ window: 7 }), [
    "image_size: a multiple of window, at least twice as large",
  ]);
});

testWithBackend(
  "SwinIR has the same gradients for a large batch, whose maps are made again",
  async () => {
    const small = { ...TINY, embed: 4, depths: [2], heads: [2] };
    const p = Params.create(1);
    const S = build(p, small);
    const [side, B] = [104, 2]; // one image has 10,816 cells, both have more than a batch keeps
    const lr = picture(B, side, side);
    const drops = tf.tensor2d([[2, 0], [0, 2]]); // the second block's branches, by image
    const gradients = (images: tf.Tensor4D, drops: tf.Tensor2D) => {
      const loss = () => tf.sum(tf.square(S(images, drops))) as tf.Scalar;
      return tf.variableGrads(loss, p.trained()).grads;
    };
    const together = gradients(lr, drops);
    const apart = [0, 1].map((b) =>
      gradients(tf.slice(lr, [b, 0, 0, 0], [1, side, side, 3]), tf.slice(drops, [0, b], [2, 1]))
    );
    for (
      const { name, variable: { name: key } } of p.all().filter(({ role }) => role === "trained")
    ) {
      const sum = await tf.add(apart[0][key], apart[1][key]).data<"float32">();
      const whole = await together[key].data<"float32">();
      const scale = sum.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      whole.forEach((value, i) =>
        assert.ok(Math.abs(value - sum[i]) <= 1e-3 * scale, `${name}: ${value}, ${sum[i]}`)
      );
    }
    p.dispose();
  },
);
