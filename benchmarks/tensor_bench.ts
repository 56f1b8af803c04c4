/**
 * The operations and steps that training spends its time in, on this machine's backend:
 * `deno task bench`. `SR4IR_BACKEND` chooses another one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Params } from "../ml/nn/params.ts";
import { normalizeBatch, normalizeBatchStepByStep } from "../ml/tensor/ops/normalize_batch.ts";
import { chanceOf } from "../ml/train/chance.ts";
import { adamW } from "../ml/train/optimizers.ts";
import { srOnly } from "../ml/train/recipes/sr_only.ts";
import { trainee } from "../ml/train/trainee.ts";
import * as edsr from "../models/sr/edsr.ts";
import { testBackend } from "../tests/helpers/backend.ts";
import { lightTraining } from "../tests/helpers/light_training.ts";

await testBackend();

/** Steps take their time: a few are enough. */
const FEW = { n: 8, warmup: 2 };

const a = tf.randomNormal<tf.Rank.R2>([1024, 1024]);
Deno.bench("matmul 1024x1024", { group: "operations" }, () => wait(tf.matMul(a, a)));

const x = tf.randomNormal<tf.Rank.R4>([8, 48, 48, 64]);
const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 64, 64]);
const conv = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
Deno.bench(
  "conv 3x3, 64 to 64, 8 of 48x48, forward",
  { group: "operations" },
  () => wait(conv(x, filter)),
);
Deno.bench(
  "the same and both its gradients",
  { group: "operations" },
  async () => {
    const { value, grads } = tf.valueAndGrads(conv)([x, filter]);
    await Promise.all(grads.map(wait));
    value.dispose();
  },
);

const maps = tf.randomNormal<tf.Rank.R4>([8, 120, 120, 72]);
const [weight, bias] = [tf.ones([72]), tf.zeros([72])];
for (const normalise of [normalizeBatch, normalizeBatchStepByStep]) {
  Deno.bench(
    `${normalise.name}, 8 of 120x120, 72 channels, with gradients`,
    { group: "batch normalisation", baseline: normalise === normalizeBatch, ...FEW },
    async () => {
      const { value, grads } = tf.valueAndGrads((x, weight, bias) =>
        normalise(x as tf.Tensor4D, weight, bias, 1e-5, () => {})
      )([maps, weight, bias]);
      await Promise.all(grads.map(wait));
      value.dispose();
    },
  );
}

const small = tf.scalar(1);
Deno.bench("a small operation", { group: "operations" }, () => tf.add(small, small).dispose());

for (const uniform of [false, true]) {
  const name = `EDSR-baseline x4, 8 of 192x192 from 48x48, ${uniform ? "traced" : "eager"}`;
  Deno.bench(name, { group: "EDSR step", baseline: !uniform, ...FEW }, baselineStep(uniform));
}

const training = lightTraining(16);
let iteration = 0;
Deno.bench(
  "light networks, 16 of 96x96",
  { group: "SR4IR step", ...FEW },
  async () => void await training.step(++iteration),
);

/** One step of Adam on the mean absolute difference. */
function baselineStep(uniform: boolean): () => Promise<void> {
  let step: (() => Promise<void>) | undefined;
  return () => (step ??= prepare())();

  function prepare() {
    const p = Params.create(1);
    const S = trainee(edsr.build(p, edsr.options.parse({ scale: 4 })), p, (v) => adamW(v));
    const move = srOnly(S, { scale: 4, degradation: "official", uniform });
    const hr = tf.randomUniform<tf.Rank.R4>([8, 192, 192, 3]);
    const numbers = tf.tensor1d(S.optimizer.numbers(1, [1e-4]));
    return () => wait(move(hr, numbers, chanceOf(1, 0)).pixel);
  }
}

/** Reading the result waits for it. */
async function wait(result: tf.Tensor): Promise<void> {
  await result.data();
  result.dispose();
}
