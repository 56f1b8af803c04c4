import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { ImageBatch } from "../../../ml/data/batches.ts";
import type { SrNet } from "../../../ml/nn/contracts.ts";
import { Params } from "../../../ml/nn/params.ts";
import type { TaskNet } from "../../../ml/tasks/task.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { chanceOf, drawDrops } from "../../../ml/train/chance.ts";
import { sgd } from "../../../ml/train/optimizers.ts";
import type { Step } from "../../../ml/train/recipe.ts";
import { srOnly } from "../../../ml/train/recipes/sr_only.ts";
import type { SettingName } from "../../../ml/train/setting_names.ts";
import { SETTING } from "../../../ml/train/settings.ts";
import { trainee } from "../../../ml/train/trainee.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

const KEEP_RATES = [0.5, 0.8];

Deno.test("Stochastic depth keeps a branch as often as its rate says, enlarged by as much", () => {
  const images = 20_000;
  const drops = drawDrops(stream(1, "test"), KEEP_RATES, images);
  KEEP_RATES.forEach((rate, branch) => {
    const row = drops.subarray(branch * images, (branch + 1) * images);
    assert.deepEqual([...new Set(row)].toSorted(), [0, Math.fround(1 / rate)]);
    const share = row.filter((value) => value > 0).length / images;
    assert.ok(Math.abs(share - rate) < 0.01, `rate ${rate}: ${share}`);
  });
});

Deno.test("Stochastic depth is drawn anew for every pass and iteration, alike in a repetition", () => {
  const drawn = (iteration: number, use: string) =>
    chanceOf(1, iteration).drops(Array(20).fill(0.5), 4, use).join();
  assert.equal(drawn(3, "phase 1"), drawn(3, "phase 1"));
  assert.equal(new Set([drawn(3, "phase 1"), drawn(3, "phase 2"), drawn(4, "phase 1")]).size, 3);
});

/** Enlarges by 2; how bright its images are is what it was given to drop: the sum over branches. */
function brightening(p: Params): SrNet {
  const w = p.get("w", { shape: [], init: () => Float32Array.of(0) });
  const net: SrNet = (lr, drops) =>
    tf.tidy(() => {
      const [B, h, width] = lr.shape;
      const brightness = drops === undefined ? tf.zeros([B]) : tf.sum(drops, 0);
      const black: tf.Tensor4D = tf.zeros([B, 2 * h, 2 * width, 3]);
      return tf.add(black, tf.reshape(tf.add(brightness, w), [B, 1, 1, 1]));
    });
  return Object.assign(net, { keepRates: KEEP_RATES });
}

/** Its loss is how bright the images are that it sees. */
function dazzled(p: Params): TaskNet<ImageBatch> {
  const w = p.get("w", { shape: [], init: () => Float32Array.of(1) });
  return {
    losses: (views) => views.map(({ images }): tf.Scalar => tf.mul(w, tf.mean(images))),
    features: (images) => ({ images }),
    featureWeights: { images: 1 },
  };
}

const still = (variables: tf.Variable[]) => sgd(variables);

/** Two iterations on two black images at a learning rate of 0; the second one's draws are doubled. */
async function losses(name: SettingName | "sr", uniform: boolean) {
  const [p, q] = [Params.create(1), Params.create(1)];
  const S = trainee(brightening(p), p, still);
  const T = trainee(dazzled(q), q, still);
  const weights = { pixel: 1, task: 1, tdp: 1, sr: 1, hr: 1, cqmix: 1 };
  const step: Step<ImageBatch> = name === "sr"
    ? only(srOnly(S, { scale: 2, degradation: "official", uniform }))
    : SETTING[name].recipe({
      S,
      T,
      scale: 2,
      degradation: "official",
      weights,
      criterion: "l1",
      cells: 1,
      updates: "alternate",
      uniform,
    });
  const uses: string[] = [];
  const results: Record<string, number>[] = [];
  for (const factor of [1, 2]) {
    const parts = step({
      batch: {
        images: tf.zeros([2, 8, 8, 3]),
        sizes: [[8, 8], [8, 8]],
        indices: new Int32Array(2),
      },
      tdp: true,
      numbers: { S: tf.tensor1d([0]), T: tf.tensor1d([0]) },
      chance: {
        ...chanceOf(1, 0),
        mask: () => Float32Array.of(1, 1), // S's images everywhere
        drops(keepRates, images, use) {
          assert.deepEqual([keepRates, images], [KEEP_RATES, 2]);
          uses.push(use);
          return Float32Array.of(1, 1, 10, 10).map((x) => factor * x * (use === "phase 2" ? 3 : 1));
        },
      },
    });
    const values: Record<string, number> = {};
    for (const [part, loss] of Object.entries(parts)) values[part] = (await loss.data())[0];
    results.push(values);
  }
  return { uses: [...new Set(uses)], results };
}

function only(step: ReturnType<typeof srOnly>): Step<ImageBatch> {
  return ({ batch, numbers, chance }) => step(batch.images, numbers.S, chance);
}

for (const uniform of [false, true]) {
  const how = uniform ? "traced" : "as they are";
  testWithBackend(
    `Where S is trained it drops branches, in SR4IR twice (steps ${how})`,
    async () => {
      assert.deepEqual(await losses("sr", uniform), {
        uses: ["sr"],
        results: [{ pixel: 11 }, { pixel: 22 }],
      });
      for (const setting of ["t2s", "swt"] as const) {
        assert.deepEqual(await losses(setting, uniform), {
          uses: ["sr"],
          results: [{ pixel: 11, task: 11 }, { pixel: 22, task: 22 }],
        });
      }
      assert.deepEqual(await losses("sr4ir", uniform), {
        uses: ["phase 1", "phase 2"],
        results: [
          { pixel: 11, tdp: 11, sr: 33, hr: 0, cqmix: 33 },
          { pixel: 22, tdp: 22, sr: 66, hr: 0, cqmix: 66 },
        ],
      });
    },
  );

  testWithBackend(`Where S stands still it drops nothing (steps ${how})`, async () => {
    assert.deepEqual(await losses("s2t", uniform), {
      uses: [],
      results: [{ task: 0 }, { task: 0 }],
    });
  });
}
