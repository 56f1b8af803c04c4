import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { dropout } from "../../../ml/nn/dropout.ts";
import { stream } from "../../../ml/tensor/random.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

testWithBackend("dropout() sets a share to 0 and scales the rest up", async () => {
  const y = await dropout(tf.fill([100, 100], 3), 0.25, stream(1, "dropout")).data();
  assert.deepEqual([...new Set(y)].sort(), [0, 4]);
  const dropped = y.filter((value) => value === 0).length;
  assert.ok(Math.abs(dropped - 2500) < 200, `${dropped} of 10,000`); // over four deviations
});

testWithBackend("dropout() without random numbers drops nothing", () => {
  const x = tf.tensor1d([1, 2]);
  assert.equal(dropout(x, 0.5, undefined), x);
});

testWithBackend("dropout() depends on its stream only, and draws on from it", async () => {
  const draw = async (
    random = stream(7, "dropout", 3),
  ) => [...await dropout(tf.ones([64]), 0.5, random).data()];
  assert.deepEqual(await draw(), await draw());
  const random = stream(7, "dropout", 3);
  assert.notDeepEqual(await draw(random), await draw(random));
});

testWithBackend("The gradient of dropout() reaches what is not dropped, scaled alike", async () => {
  const random = () => stream(1, "dropout");
  const y = await dropout(tf.ones([20]), 0.5, random()).data();
  const gradient = tf.grad((x) => dropout(x, 0.5, random()))(tf.zeros([20]));
  assert.deepEqual([...await gradient.data()], [...y]);
});
