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
/** The first steps trace, fill caches and let the allocator find its size. */
const SETTLED = 50;
/** Resident memory breathes by this much, MiB. */
const BREATH = 40;

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
    if (step !== SETTLED && step % 100 !== 0) continue;
    const perStep = (performance.now() - since) / (step - (rows.at(-1)?.step ?? 0));
    const row = {
      step,
      tensors: tf.memory().numTensors,
      handles: currentBinding()?.getNumOfTensors() ?? 0,
      rss: Deno.memoryUsage().rss / 1024 ** 2,
    };
    rows.push(row);
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
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const flat = last.tensors === first.tensors && last.handles === first.handles &&
    last.rss - first.rss < BREATH;
  console.log(flat ? "flat" : "it grows");
  return flat ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Number(Deno.args[0] ?? 500)));
