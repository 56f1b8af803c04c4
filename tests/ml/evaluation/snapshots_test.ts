import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import { takeSnapshots } from "../../../ml/evaluation/snapshots.ts";
import { testBackend } from "../../helpers/backend.ts";

await testBackend();

/** Two images in a batch padded to 8x8; the second is 6x5 pixels. */
function batch(indices: number[]) {
  return {
    images: tf.concat([tf.fill([1, 8, 8, 3], 0.2), tf.fill([1, 8, 8, 3], 0.4)]) as tf.Tensor4D,
    sizes: [[8, 8], [5, 6]] as const,
    indices: Int32Array.from(indices),
  };
}

Deno.test("takeSnapshots() keeps the first images without their padding, clamped", async () => {
  const { images, sizes, indices } = batch([3, 1]);
  const before = tf.memory().numTensors;
  const seen = tf.tidy(() => tf.add(images, 0.7) as tf.Tensor4D); // 0.9 and 1.1
  const taken = await takeSnapshots({ images, sizes: [...sizes], indices }, seen, {
    count: 2,
    scale: 4,
    degradation: "official",
  });
  seen.dispose();
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(
    taken.map(({ index, low, seen, original }) => [
      index,
      ...[low, seen, original].map(({ width, height, data }) => [width, height, data[0]]),
    ]),
    [[1, [2, 2, 102], [6, 5, 255], [6, 5, 102]]],
  );
});

Deno.test("takeSnapshots() computes nothing for later images", async () => {
  const { images, sizes, indices } = batch([4, 5]);
  const options = { count: 2, scale: 4, degradation: "official" } as const;
  const taken = await takeSnapshots({ images, sizes: [...sizes], indices }, images, options);
  assert.deepEqual(taken, []);
});
