/**
 * Measures what a network costs: parameters, multiplications, memory and time of one pass, batch 1.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Params } from "../nn/params.ts";
import { stream } from "../tensor/random.ts";
import type { Cost } from "./cost.ts";
import { timePasses } from "./latency.ts";
import { watchPass } from "./multiplications.ts";
import type { Occasion, Role } from "./role.ts";

/** What is measured, and how carefully. */
export interface CostRequest extends Occasion {
  role: Role;
  /** Exports of the network's file. */
  module: unknown;
  /** The network's own, checked. */
  options: Record<string, unknown>;
  /** Decides the random weights and the random image. */
  seed: number;
  /** Passes before those that are timed, besides the one that is watched. */
  warmUp: number;
  /** Passes that are timed, at least one. */
  passes: number;
  /** Told how many passes are done, of all. */
  onPass?: (done: number, total: number) => void;
}

/** What {@link measureCost} finds. */
export type MeasuredCost = Pick<Cost, "input" | "parameters" | "macs" | "peakBytes" | "latency">;

/**
 * Builds a network with random weights and shows it a random image: what it costs does not depend
 * on either, but for detectors, which look closer at what they propose.
 *
 * @throws {InputError} if the network cannot be shown images of this size
 */
export async function measureCost(
  { role, module, options, seed, warmUp, passes, onPass, ...occasion }: CostRequest,
): Promise<MeasuredCost> {
  const p = Params.create(seed);
  const { input, pass } = role.build(p, module, options, occasion);
  const images = randomImage(input, seed);
  const once = () => pass(images);
  const total = 1 + warmUp + passes;
  try {
    const watched = await watchPass(once);
    onPass?.(1, total);
    const latency = await timePasses(
      once,
      { warmUp, passes },
      (done) => onPass?.(1 + done, total),
    );
    return { input: [...input], parameters: countParameters(p), ...watched, latency };
  } finally {
    images.dispose();
    p.dispose();
  }
}

/** Numbers, not tensors, by what they are to an optimizer. */
export function countParameters(p: Params): Cost["parameters"] {
  const counts = { trained: 0, frozen: 0, buffer: 0 };
  for (const { role, variable } of p.all()) counts[role] += variable.size;
  return counts;
}

function randomImage([H, W]: readonly [number, number], seed: number): tf.Tensor4D {
  const random = stream(seed, "cost", "image");
  return tf.tensor4d(Float32Array.from({ length: H * W * 3 }, random.uniform), [1, H, W, 3]);
}
