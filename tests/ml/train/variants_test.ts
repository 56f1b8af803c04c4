/**
 * What SR4IR can be changed to, on networks of one number each: S multiplies, T multiplies again.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { ImageBatch } from "../../../ml/data/batches.ts";
import { lowResolution } from "../../../ml/data/degradation.ts";
import { meanAbsoluteError, meanSquaredError } from "../../../ml/nn/losses.ts";
import type { SrNet } from "../../../ml/nn/contracts.ts";
import { Params } from "../../../ml/nn/params.ts";
import type { TaskNet } from "../../../ml/tasks/task.ts";
import { upscale } from "../../../ml/tensor/ops/upscale.ts";
import { chanceOf } from "../../../ml/train/chance.ts";
import { cqmix, enlargeMask } from "../../../ml/train/cqmix.ts";
import { sgd } from "../../../ml/train/optimizers.ts";
import type { LossWeights, Setup } from "../../../ml/train/recipe.ts";
import { SETTING } from "../../../ml/train/settings.ts";
import { BEYOND, type SettingName, SETTINGS } from "../../../ml/train/setting_names.ts";
import { trainee } from "../../../ml/train/trainee.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

const SIZE = 8, SCALE = 2, CELLS = 2;
/** S and T begin here. */
const START = { s: 0.75, t: 1.25 };
const WEIGHTS: LossWeights = { pixel: 1, task: 1, tdp: 0.5, sr: 0.3, hr: 0.4, cqmix: 0.2 };
const ORIGINALS = Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i * 7 % 13) / 13);
const MASK = [1, 0, 0, 1];

const picture = () => tf.tensor4d(ORIGINALS, [1, SIZE, SIZE, 3]);

function scaling(p: Params): SrNet {
  const w = p.get("w", { shape: [], init: () => Float32Array.of(START.s) });
  return (lr) => tf.tidy(() => tf.mul(upscale(lr, SCALE), w));
}

/** Wants its maps to be one half everywhere. `asked` counts how often it was asked for its loss. */
function halving(p: Params, asked: { losses: number }): TaskNet<ImageBatch> {
  const w = p.get("w", { shape: [], init: () => Float32Array.of(START.t) });
  const map = (images: tf.Tensor4D): tf.Tensor4D => tf.mul(images, w);
  return {
    losses(views) {
      asked.losses += views.length;
      return views.map(({ images }) => ownLoss(map(images)));
    },
    features: (images) => ({ map: map(images) }),
    featureWeights: { map: 1 },
  };
}

const ownLoss = (map: tf.Tensor): tf.Scalar => tf.mean(tf.square(tf.sub(map, 0.5)));

/** One iteration at a learning rate of 1: how far both numbers go, and what is reported. */
async function move(
  name: SettingName,
  change: Partial<Omit<Setup<ImageBatch>, "S" | "T" | "weights">> & {
    weights?: Partial<LossWeights>;
  } = {},
) {
  const [p, q] = [Params.create(1), Params.create(1)];
  const asked = { losses: 0 };
  const S = trainee(scaling(p), p, (v) => sgd(v));
  const T = trainee(halving(q, asked), q, (v) => sgd(v));
  const step = SETTING[name].recipe({
    S,
    T,
    scale: SCALE,
    degradation: "official",
    criterion: "l1",
    cells: CELLS,
    updates: "alternate",
    uniform: false,
    ...change,
    weights: { ...WEIGHTS, ...change.weights },
  });
  const images = picture();
  const rates = { S: tf.tensor1d([1]), T: tf.tensor1d([1]) };
  const losses = step({
    batch: { images, sizes: [[SIZE, SIZE]], indices: Int32Array.of(0) },
    tdp: true,
    numbers: rates,
    chance: { ...chanceOf(1, 0), mask: () => Float32Array.from(MASK) },
  });
  const [s, t] = await Promise.all([p, q].map(async (one) => (await one.trained()[0].data())[0]));
  const reported: Record<string, number> = {};
  for (const [part, loss] of Object.entries(losses)) reported[part] = (await loss.data())[0];
  tf.dispose([images, rates, losses]);
  return { s: s - START.s, t: t - START.t, reported, asked: asked.losses };
}

/** The terms of SR4IR as functions of both numbers, written out. */
function terms(hr: tf.Tensor4D, criterion: "l1" | "l2" = "l1") {
  const distance = criterion === "l1" ? meanAbsoluteError : meanSquaredError;
  const large = upscale(lowResolution(hr, SCALE, "official"), SCALE);
  const mask = enlargeMask(tf.tensor4d(MASK, [1, CELLS, CELLS, 1]), [SIZE, SIZE]);
  const sr = (s: tf.Scalar): tf.Tensor4D => tf.mul(large, s);
  type Term = (s: tf.Scalar, t: tf.Scalar) => tf.Scalar;
  const all: Record<"pixel" | "tdp" | "sr" | "hr" | "cqmix", Term> = {
    pixel: (s) => tf.mul(WEIGHTS.pixel, meanAbsoluteError(sr(s), hr)),
    tdp: (s, t) => tf.mul(WEIGHTS.tdp, distance(tf.mul(sr(s), t), tf.mul(hr, t))),
    sr: (s, t) => tf.mul(WEIGHTS.sr, ownLoss(tf.mul(sr(s), t))),
    hr: (_, t) => tf.mul(WEIGHTS.hr, ownLoss(tf.mul(hr, t))),
    cqmix: (s, t) => tf.mul(WEIGHTS.cqmix, ownLoss(tf.mul(cqmix(sr(s), hr, mask), t))),
  };
  return all;
}

/** Gradient of a term by S's and by T's number. */
function gradient(name: keyof ReturnType<typeof terms>, criterion: "l1" | "l2" = "l1") {
  return tf.tidy(() => {
    const term = terms(picture(), criterion)[name];
    // A zero of each, so that a term without one of them still has a gradient by it.
    const whole = (s: tf.Tensor, t: tf.Tensor) =>
      tf.addN([term(s as tf.Scalar, t as tf.Scalar), tf.mul(0, s), tf.mul(0, t)]) as tf.Scalar;
    const [s, t] = tf.grads(whole)([tf.scalar(START.s), tf.scalar(START.t)]);
    return { s: s.dataSync()[0], t: t.dataSync()[0] };
  });
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

testWithBackend("S and T at once go down the sum of the gradients of all terms", async () => {
  const { s, t, reported } = await move("sr4ir", { updates: "joint" });
  assert.deepEqual(Object.keys(reported), ["pixel", "tdp", "sr", "hr", "cqmix"]);
  const all = (["pixel", "tdp", "sr", "hr", "cqmix"] as const).map((name) => gradient(name));
  assertNear(s, -sum(all.map((one) => one.s)));
  assertNear(t, -sum(all.map((one) => one.t)));
});

testWithBackend("in turns, S is not moved by the task's losses", async () => {
  const { s } = await move("sr4ir");
  assertNear(s, -(gradient("pixel").s + gradient("tdp").s));
});

testWithBackend(
  "a weight of 0 leaves a term out, and what is not shown moves nothing",
  async () => {
    const noTdp = await move("sr4ir", { weights: { tdp: 0 } });
    assert.deepEqual(Object.keys(noTdp.reported), ["pixel", "sr", "hr", "cqmix"]);
    assertNear(noTdp.s, -gradient("pixel").s);
    const noHr = await move("sr4ir", { weights: { hr: 0 } });
    assert.deepEqual([Object.keys(noHr.reported), noHr.asked], [
      ["pixel", "tdp", "sr", "cqmix"],
      2,
    ]);
    const joint = await move("sr4ir", { updates: "joint", weights: { tdp: 0, cqmix: 0 } });
    assert.deepEqual(Object.keys(joint.reported), ["pixel", "sr", "hr"]);
    assertNear(joint.t, -(gradient("sr").t + gradient("hr").t));
  },
);

testWithBackend("T cannot learn from nothing", async () => {
  await assert.rejects(() => move("sr4ir", { weights: { sr: 0, hr: 0, cqmix: 0 } }), {
    name: "RangeError",
    message: "Cannot train T: the weights sr, hr, cqmix are all 0; expected one above 0",
  });
});

testWithBackend("features are compared by mean squares where that is asked for", async () => {
  const { s } = await move("sr4ir", { criterion: "l2" });
  assertNear(s, -(gradient("pixel").s + gradient("tdp", "l2").s));
  assert.ok(Math.abs(gradient("tdp", "l2").s - gradient("tdp").s) > 0.01);
});

testWithBackend("without labels S moves alone, and T is never asked for its loss", async () => {
  const { s, t, reported, asked } = await move("label_free");
  assertNear(s, -(gradient("pixel").s + gradient("tdp").s));
  assert.deepEqual([t, asked, Object.keys(reported)], [0, 0, ["pixel", "tdp"]]);
  const control = await move("label_free", { weights: { tdp: 0 } });
  assertNear(control.s, -gradient("pixel").s);
});

testWithBackend(
  "afterwards T moves alone, by SR4IR's views of an S that stands still",
  async () => {
    const { s, t, reported } = await move("label_free_t");
    assert.deepEqual([s, Object.keys(reported)], [0, ["sr", "hr", "cqmix"]]);
    assertNear(t, -sum((["sr", "hr", "cqmix"] as const).map((name) => gradient(name).t)));
  },
);

Deno.test("a dagger marks the settings that are not of the paper, and no other", () => {
  const marked = (names: readonly SettingName[]) =>
    names.map((name) => SETTING[name].label.endsWith("†"));
  assert.deepEqual(marked(BEYOND), [true, true]);
  assert.deepEqual(marked(SETTINGS), Array(6).fill(false));
});

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-5, `expected ${expected}, found ${actual}`);
}
