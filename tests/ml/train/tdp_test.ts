import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { testBackend } from "../../helpers/backend.ts";
import { featureDistance } from "../../../ml/train/tdp.ts";

await testBackend();

const a = { "0": tf.tensor1d([1, 3]), "1": tf.tensor1d([0]), pool: tf.tensor1d([9]) };
const b = { "0": tf.tensor1d([1, 1]), "1": tf.tensor1d([-3]), pool: tf.tensor1d([0]) };

Deno.test("featureDistance() weighs the mean difference of the named layers", async () => {
  const weights = { "0": 0.5, "1": 2 };
  assert.equal((await featureDistance(a, b, weights).data())[0], 0.5 * 1 + 2 * 3);
  assert.equal(
    (await featureDistance(a, b, weights, { criterion: "l2" }).data())[0],
    0.5 * 2 + 2 * 9,
  );
});

Deno.test("featureDistance() sends no gradient where both sides are equal", async () => {
  const gradient = tf.grad((x) => featureDistance({ "0": x }, b, { "0": 1 }))(a["0"]);
  assert.deepEqual([...await gradient.data()], [0, 0.5]);
});

Deno.test("featureDistance() names the layer that the network does not give", () => {
  assert.throws(() => featureDistance(a, b, { C5: 1 }), {
    name: "RangeError",
    message: 'Cannot compare layer "C5": the network gives 0, 1, pool',
  });
});
