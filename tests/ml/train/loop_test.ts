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
  { stopAfter, crashAfter, checkpointSeconds = 30, log = () => {} }: {
    stopAfter?: number;
    crashAfter?: number;
    checkpointSeconds?: number;
    log?: (line: string) => void;
  } = {},
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
      if (iteration === crashAfter) throw new Error("crash");
      return { task: tf.scalar(iteration + 1) };
    },
    scratch,
    checkpointSeconds,
    report: { progress: () => {}, point: () => {}, log },
    signal: stop.signal,
  });
}

Deno.test("a training that crashed goes on from where it had saved", async () => {
  using dir = testFolder();
  const lines: string[] = [];
  // The first checkpoint is due at once, and later ones as soon as they cost next to nothing.
  const often = { checkpointSeconds: 1e-9 };
  await assert.rejects(train(dir.path, { ...often, crashAfter: 7 }), { message: "crash" });
  const curves = await train(dir.path, { ...often, log: (line) => lines.push(line) });
  assert.match(lines.join(), /^goes on after iteration [1-7] of 20$/);
  assert.deepEqual(curves, { task: Array.from({ length: 20 }, (_, i) => [i + 1, i + 1]) });
});

Deno.test("a training that was interrupted has the curves of one that was not", async () => {
  using dir = testFolder();
  await assert.rejects(train(dir.path, { stopAfter: 7 }), { name: "Interrupted" });
  const curves = await train(dir.path);
  assert.deepEqual(curves, { task: Array.from({ length: 20 }, (_, i) => [i + 1, i + 1]) });
});
