/**
 * SR4IR with the networks of the default profile on random pictures: what benchmarks measure and
 * what every backend must be able to do. As a program, `light_training.ts BATCH STEPS` prints the
 * losses of some steps as JSON.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DetectionBatch } from "../../ml/data/detection_batches.ts";
import { Params } from "../../ml/nn/params.ts";
import { task } from "../../ml/tasks/detection.ts";
import { stream } from "../../ml/tensor/random.ts";
import { chanceOf } from "../../ml/train/chance.ts";
import { adamW, sgd } from "../../ml/train/optimizers.ts";
import { sr4ir } from "../../ml/train/recipes/sr4ir.ts";
import { trainee } from "../../ml/train/trainee.ts";
import * as detector from "../../models/detection/faster_rcnn_light.ts";
import * as edsr from "../../models/sr/edsr.ts";
import { testBackend } from "./backend.ts";

const SCALE = 4;
const CLASSES = 9;
/** Side of the pictures, pixels. */
const SIZE = 96;
const SEED = 1;

/** Both networks and what moves them by one iteration on random pictures. */
export interface Training {
  /** @returns the sum of the losses; the reading is part of what is measured */
  step(iteration: number): Promise<number>;
}

/** Makes the networks; the backend must have been started. */
export function lightTraining(batchSize: number): Training {
  const [p, q] = [Params.create(SEED), Params.create(SEED)];
  const options = edsr.options.parse({
    scale: SCALE,
    blocks: 4,
    channels: 32,
    upsampler: "direct",
    mean: [0.5, 0.5, 0.5],
    range: 4,
    residual_init: 0.3,
    tail_init: 0.1,
  });
  const [S, T] = [
    trainee(edsr.build(p, options), p, (v) => adamW(v)),
    trainee(
      task.build(q, detector, detector.options.parse({}), CLASSES),
      q,
      (v) => sgd(v, { momentum: 0.9, weightDecay: 1e-4 }),
    ),
  ];
  const move = sr4ir<DetectionBatch>({
    S,
    T,
    scale: SCALE,
    degradation: "official",
    criterion: "l1",
    updates: "alternate",
    weights: { pixel: 1, task: 1, tdp: 1, sr: 0.34, hr: 0.34, cqmix: 0.34 },
    cells: 8,
    uniform: true,
  });
  return {
    async step(iteration) {
      const batch = randomBatch(batchSize, iteration);
      const numbers = {
        S: tf.tensor1d(S.optimizer.numbers(iteration + 1, [1e-5])),
        T: tf.tensor1d(T.optimizer.numbers(iteration + 1, [1e-4])),
      };
      const losses = move({ batch, tdp: true, numbers, chance: chanceOf(SEED, iteration) });
      const total = tf.addN(Object.values(losses));
      const [value] = await total.data();
      tf.dispose([total, losses, numbers, batch.images]);
      return value;
    },
  };
}

/** Noise with two to six boxes per picture. */
function randomBatch(count: number, iteration: number): DetectionBatch {
  const random = stream(SEED, "pictures", iteration);
  const pixels = Float32Array.from({ length: count * SIZE * SIZE * 3 }, random.uniform);
  return {
    images: tf.tensor4d(pixels, [count, SIZE, SIZE, 3]),
    sizes: Array.from({ length: count }, () => [SIZE, SIZE]),
    indices: Int32Array.from({ length: count }, (_, i) => i),
    targets: Array.from({ length: count }, () => {
      const objects = 2 + random.integer(5);
      const boxes = Array.from({ length: objects }, () => {
        const [x, y] = [random.between(0, SIZE - 24), random.between(0, SIZE - 24)];
        const side = random.between(16, 24);
        return [x, y, x + side, y + side];
      });
      return {
        boxes: Float32Array.from(boxes.flat()),
        labels: Int32Array.from(boxes, () => 1 + random.integer(CLASSES - 1)),
      };
    }),
  };
}

if (import.meta.main) {
  const [batchSize, steps] = Deno.args.map(Number);
  await testBackend();
  const training = lightTraining(batchSize);
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) losses.push(await training.step(i));
  console.log(JSON.stringify({ losses, tensors: tf.memory().numTensors }));
}
