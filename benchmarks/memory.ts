/**
 * Does training keep memory? Counts tensors, TensorFlow's handles and resident memory over 500 steps
 * of SR4IR: `deno run -A benchmarks/memory.ts [steps]`. Ends with 1 if something grows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { currentBinding } from "../ml/tensor/tensorflow/start.ts";
import { testBackend } from "../tests/helpers/backend.ts";
import { lightTraining } from "../tests/helpers/light_training.ts";

const BATCH = 4;
/** Steps between looks; every fourth is printed. */
const LOOK_EVERY = 25;
/** The first steps trace, fill caches and let the allocator find its size: they do not count. */
const SETTLED = 100;
/** Resident memory goes up and down by this much, MiB. */
const BREATH = 30;

interface Row {
  step: number;
  tensors: number;
  handles: number;
  rss: number;
}

async function main(steps: number): Promise<number> {
  const backend = await testBackend();
  const training = lightTraining(BATCH);
  const rows: Row[] = [];
  console.log(`${steps} steps of SR4IR, ${BATCH} pictures of 96x96, on ${backend}`);
  console.log("   step   tensors   handles   resident MiB   ms per step   loss");
  let since = performance.now();
  for (let step = 1; step <= steps; step++) {
    const loss = await training.step(step);
    if (step % LOOK_EVERY !== 0) continue;
    const row = {
      step,
      tensors: tf.memory().numTensors,
      handles: currentBinding()?.getNumOfTensors() ?? 0,
      rss: Deno.memoryUsage().rss / 1024 ** 2,
    };
    rows.push(row);
    if (step % (4 * LOOK_EVERY) !== 0) continue;
    const perStep = (performance.now() - since) / (4 * LOOK_EVERY);
    const cells: [number | string, number][] = [
      [step, 7],
      [row.tensors, 10],
      [row.handles, 10],
      [row.rss.toFixed(0), 15],
      [perStep.toFixed(0), 14],
      [loss.toFixed(3), 9],
    ];
    console.log(cells.map(([value, width]) => String(value).padStart(width)).join(""));
    since = performance.now();
  }
  const counted = rows.filter(({ step }) => step >= SETTLED);
  const half = Math.ceil(counted.length / 2);
  const [early, late] = [counted.slice(0, half), counted.slice(half)];
  const flat = new Set(counted.map(({ tensors, handles }) => `${tensors} ${handles}`)).size === 1 &&
    mean(late) - mean(early) < BREATH;
  console.log(flat ? "flat" : "it grows");
  return flat ? 0 : 1;
}

function mean(rows: Row[]): number {
  return rows.reduce((sum, { rss }) => sum + rss, 0) / Math.max(1, rows.length);
}

if (import.meta.main) Deno.exit(await main(Number(Deno.args[0] ?? 500)));
