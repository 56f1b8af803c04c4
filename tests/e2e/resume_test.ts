/**
 * Trainings that are killed in the middle go on from their checkpoints, and end with the bytes of
 * trainings that were not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { testFolder } from "../helpers/folder.ts";
import { childrenOf, startRun } from "../helpers/killable_run.ts";
import type { Document } from "../helpers/project.ts";

/** One of each kind of training, some seconds long, saving as often as it may. */
const PIPELINE = `
stages:
  data:
    uses: dataset_embedded
    with: { train: 16, val: 1, pool: 64, crops: 128 }
  sr:
    uses: train_sr
    with: { network: edsr_light, epochs: 6, batch_size: 4 }
    inputs: { images: data.pool }
    checkpoint_seconds: 0.1
  backbone:
    uses: pretrain_backbone
    with: { network: light, epochs: 10, batch_size: 16 }
    inputs: { crops: data.crops }
    checkpoint_seconds: 0.1
  sr4ir:
    uses: train
    with:
      setting: sr4ir
      task: detection
      network: detection/faster_rcnn_light
      sr_network: edsr_light
      epochs: 4
      batch_size: 2
    inputs: { data: data.train, sr: sr.weights, task: backbone.weights }
    checkpoint_seconds: 0.1
`;

const TRAININGS = ["sr", "backbone", "sr4ir"];

/** When a training's last checkpoint was written, milliseconds; 0 if there is none. */
function savedAt(store: string, key: string): number {
  try {
    const file = `${store}/work/${key}/scratch/checkpoint.safetensors`;
    return Deno.statSync(file).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function outputsOf({ stages }: Document): Record<string, unknown> {
  return Object.fromEntries(stages.map(({ id, outputs }) => [id, outputs]));
}

Deno.test({
  name: "trainings killed in the middle resume, and end bit for bit as if they had not been",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using temp = testFolder({ "trainings.yaml": PIPELINE });
    const file = `${temp.path}/trainings.yaml`;
    const { document: undisturbed, stderr } = await startRun(file, `${temp.path}/one`).ended;
    assert.equal(undisturbed?.status, "ok", stderr);
    const keys = undisturbed.stages.filter(({ id }) => TRAININGS.includes(id))
      .map(({ key }) => key ?? "");

    // Each is killed as soon as it has saved something, by turns alone and with its runner.
    const store = `${temp.path}/two`;
    const open = new Set(keys);
    let kills = 0;
    while (open.size > 0) {
      const run = startRun(file, store);
      let ended = false;
      void run.ended.then(() => ended = true);
      const due = () => [...open].find((key) => savedAt(store, key) > 0);
      while (due() === undefined && !ended) await new Promise((wake) => setTimeout(wake, 5));
      const key = due();
      if (key === undefined) break; // all others ended before they saved anything
      open.delete(key);
      for (const pid of kills++ % 2 === 0 ? childrenOf(run.pid) : [run.pid]) {
        Deno.kill(pid, "SIGKILL");
      }
      await run.ended;
    }
    assert.equal(open.size, 0, "every training was killed once");

    const { document: resumed, ...last } = await startRun(file, store).ended;
    assert.equal(resumed?.status, "ok", last.stderr);
    assert.deepEqual(outputsOf(resumed), outputsOf(undisturbed));
    assert.match(last.stderr, /sr4ir +goes on after iteration \d+ of 32/);
  },
});
