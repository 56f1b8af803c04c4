/**
 * How long a training step takes on each backend: `deno run -A benchmarks/backends.ts`.
 *
 * @module
 */
import { startBackend } from "../ml/tensor/backend.ts";
import { prepareRuntime } from "../ml/tensor/runtime.ts";
import { lightTraining } from "../tests/helpers/light_training.ts";

const BATCH = 16;
const STEPS = 5;
const THREADS = 2;

/** Milliseconds per step, the quickest of a few; the first two steps trace and fill caches. */
async function measure(): Promise<number> {
  await startBackend({ threads: THREADS });
  const training = lightTraining(BATCH);
  let best = Infinity;
  for (let i = 1; i <= STEPS; i++) {
    const start = performance.now();
    await training.step(i);
    if (i > 2) best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function inProcess(backend: "tensorflow" | "wasm"): Promise<number> {
  const { env } = await prepareRuntime(backend);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", import.meta.filename!, "--measure"],
    env: { ...env, TF_DETERMINISTIC_OPS: "1", TF_CPP_MIN_LOG_LEVEL: "2" },
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}

if (import.meta.main) {
  if (Deno.args[0] === "--measure") {
    console.log(await measure());
    Deno.exit(0);
  }
  console.log(`One step of SR4IR, ${BATCH} pictures of 96x96, light networks, quickest of 3`);
  let first: number | undefined;
  for (const backend of ["tensorflow", "wasm"] as const) {
    const time = await inProcess(backend);
    first ??= time;
    console.log(
      `${backend.padEnd(12)}${time.toFixed(0).padStart(7)} ms ${(time / first).toFixed(1)}x`,
    );
  }
}
