import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { pictureErrors } from "../../../ml/evaluation/evaluate_setting.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";

/** Two images of 2x2 and 2x4 in a batch of 2x4: off by one level, in the padding by eleven. */
function batch() {
  const level = 1 / 255;
  const shown = [[1, 1, 11, 11], [1, 1, 11, 11], [1, 1, 1, 1], [1, 1, 1, 1]]
    .flatMap((row) => row.flatMap((levels) => [0, 0, 0].fill(levels * level)));
  return {
    shown: tf.tensor4d(shown, [2, 2, 4, 3]),
    originals: tf.zeros<tf.Rank.R4>([2, 2, 4, 3]),
    sizes: { sizes: [[2, 2], [2, 4]] as [number, number][] },
  };
}

async function errors(border: number, padding: boolean): Promise<number[]> {
  const { shown, originals, sizes } = batch();
  const values = await pictureErrors(shown, originals, sizes, { border, padding });
  return values.map(Math.round);
}

testWithBackend(
  "the error of a picture counts the padding of its batch, as published, or not",
  async () => {
    assert.deepEqual(await errors(0, true), [61, 1]);
    assert.deepEqual(await errors(0, false), [1, 1]);
  },
);

testWithBackend("a border that leaves nothing of a picture is refused", async () => {
  await assert.rejects(errors(1, true), {
    name: "RangeError",
    message: "Cannot compare pictures of 4x2: expected more than 2 pixels each way",
  });
});
