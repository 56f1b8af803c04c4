/**
 * What saving costs: `deno run -A benchmarks/checkpoints.ts` saves the networks of SR4IR, with what
 * moves them, several times, and says how much of a training's time that is at a checkpoint every
 * 30 seconds. The loop saves less often where it would be more than a hundredth.
 *
 * @module
 */
import { Params } from "../ml/nn/params.ts";
import { task } from "../ml/tasks/detection.ts";
import { saveCheckpoint, type Saved } from "../ml/train/checkpoint.ts";
import { adamW, sgd } from "../ml/train/optimizers.ts";
import { trainee } from "../ml/train/trainee.ts";
import * as light from "../models/detection/faster_rcnn_light.ts";
import * as paper from "../models/detection/faster_rcnn.ts";
import * as edsr from "../models/sr/edsr.ts";
import * as edsrLight from "../models/sr/edsr_light.ts";
import { testBackend } from "../tests/helpers/backend.ts";

const SAVES = 7;
const EVERY_SECONDS = 30;
const CLASSES = 21;

function networks(sr: typeof edsr | typeof edsrLight, detector: typeof light | typeof paper) {
  const [p, q] = [Params.create(1), Params.create(1)];
  const S = sr.build(p, sr.options.parse({ scale: 4 }));
  const T = task.build(q, detector, detector.options.parse({}), CLASSES);
  return {
    S: trainee(S, p, (v) => adamW(v)),
    T: trainee(T, q, (v) => sgd(v, { momentum: 0.9, weightDecay: 1e-4 })),
  };
}

async function measure(name: string, saved: Record<string, Saved>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const seconds: number[] = [];
    for (let i = 0; i < SAVES; i++) {
      const begun = performance.now();
      await saveCheckpoint(folder, i, saved);
      seconds.push((performance.now() - begun) / 1000);
    }
    const median = seconds.sort((a, b) => a - b)[SAVES >> 1];
    const { size } = await Deno.stat(`${folder}/checkpoint.safetensors`);
    const share = 100 * median / (EVERY_SECONDS + median);
    console.log(
      `${name.padEnd(30)} ${(size / 2 ** 20).toFixed(1).padStart(7)} MiB ` +
        `${(1000 * median).toFixed(0).padStart(6)} ms  ${share.toFixed(2)} %`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await testBackend();
  console.log(
    `A checkpoint, median of ${SAVES}; its share of the time at one in ${EVERY_SECONDS} s`,
  );
  await measure("light networks", networks(edsrLight, light));
  await measure("EDSR-baseline, Faster R-CNN", networks(edsr, paper));
}
