import * as tf from "@tensorflow/tfjs-core";
import assert from "node:assert/strict";
import type { ImageBatch, Place } from "../../../ml/data/batches.ts";
import type { Curves } from "../../../ml/train/curves.ts";
import { runTraining } from "../../../ml/train/loop.ts";
import { testBackend } from "../../helpers/backend.ts";
import { testFolder } from "../../helpers/folder.ts";

await testBackend();

/** A training of 20 iterations whose loss is the iteration. */
function train(
  scratch: string,
  { stopAfter, checkpointSeconds = 30 }: { stopAfter?: number; checkpointSeconds?: number } = {},
): Promise<Curves> {
  const stop = new AbortController();
  return runTraining<ImageBatch>({
    iterations: 20,
    async *batches(start): AsyncGenerator<ImageBatch & Place> {
      for (let iteration = start;; iteration++) {
        yield await Promise.resolve({
          images: tf.zeros<tf.Rank.R4>([1, 1, 1, 3]),
          sizes: [[1, 1]],
          indices: Int32Array.of(0),
          epoch: 1,
          iteration,
        });
      }
    },
    networks: {},
    step({ iteration }) {
      if (iteration + 1 === stopAfter) stop.abort();
      return { task: tf.scalar(iteration + 1) };
    },
    scratch,
    checkpointSeconds,
    report: { progress: () => {}, point: () => {}, log: () => {} },
    signal: stop.signal,
  });
}

Deno.test("a training that was interrupted has the curves of one that was not", async () => {
  using dir = testFolder();
  await assert.rejects(train(dir.path, { stopAfter: 7 }), { name: "Interrupted" });
  const curves = await train(dir.path);
  assert.deepEqual(curves, { task: Array.from({ length: 20 }, (_, i) => [i + 1, i + 1]) });
});
