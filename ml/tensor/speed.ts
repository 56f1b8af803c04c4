/**
 * How fast the backend of this process is. Run as a program it prints the figures as JSON; the
 * environment chooses the backend (see backend.ts), the first argument the threads.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "./backend.ts";

/** Billions of floating-point operations per second; a multiplication and an addition are two. */
export interface Speed {
  /** [1024, 1024] by [1024, 1024]. */
  matmul: number;
  /** 3x3 convolution of [4, 48, 48, 64] to 64 channels: an inner layer of EDSR. */
  conv: number;
}

/** Each figure is the best of this many measurements … */
const MEASUREMENTS = 3;
/** … each of at least this many seconds. */
const SECONDS = 0.3;

/** Measures the current backend; takes a few seconds. */
export async function measureSpeed(): Promise<Speed> {
  const [n, size, channels, batch] = [1024, 48, 64, 4];
  const a = tf.randomNormal<tf.Rank.R2>([n, n]);
  const x = tf.randomNormal<tf.Rank.R4>([batch, size, size, channels]);
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, channels, channels]);
  const speed = {
    matmul: await giga(2 * n ** 3, () => tf.matMul(a, a)),
    conv: await giga(
      2 * batch * size ** 2 * channels ** 2 * 9,
      () => tf.conv2d(x, filter, 1, "same"),
    ),
  };
  tf.dispose([a, x, filter]);
  return speed;
}

async function giga(operations: number, compute: () => tf.Tensor): Promise<number> {
  await run(compute, 1); // compiles, packs weights
  let times = 1;
  let best = Infinity;
  for (let done = 0; done < MEASUREMENTS;) {
    const seconds = await run(compute, times);
    if (seconds < SECONDS) {
      times = Math.ceil(times * Math.min(10, 1.2 * SECONDS / seconds));
      continue;
    }
    best = Math.min(best, seconds / times);
    done++;
  }
  return operations / best / 1e9;
}

/** Reading the last result waits for all of them. */
async function run(compute: () => tf.Tensor, times: number): Promise<number> {
  const start = performance.now();
  for (let i = 1; i < times; i++) compute().dispose();
  const last = compute();
  await last.data();
  last.dispose();
  return (performance.now() - start) / 1000;
}

if (import.meta.main) {
  try {
    await startBackend({ threads: Number(Deno.args[0] ?? 1) });
    console.log(JSON.stringify(await measureSpeed()));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
