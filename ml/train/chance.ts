/**
 * The random choices of training, each from a stream of its own.
 *
 * @module
 */
import type { Sampler } from "../nn/contracts.ts";
import type { Chance } from "../tasks/task.ts";
import { type Stream, stream } from "../tensor/random.ts";
import { drawMask } from "./cqmix.ts";

/** The choices of one iteration: equal for equal arguments, whatever was drawn before. */
export function chanceOf(seed: number, iteration: number): Chance {
  return {
    sampler: (view) => randomSampler(stream(seed, "sampling", view, iteration)),
    dropout: (view) => stream(seed, "dropout", view, iteration),
    mask: (images, cells) => drawMask(stream(seed, "cqmix", iteration), images, cells),
    drops: (keepRates, images, use) =>
      drawDrops(stream(seed, "drop path", use, iteration), keepRates, images),
  };
}

/**
 * Draws what stochastic depth keeps; what it keeps it enlarges, so that the mean stays.
 *
 * @returns [branches · images] of 0 and, as often as the branch's rate says, 1/rate
 */
export function drawDrops(
  random: Stream,
  keepRates: readonly number[],
  images: number,
): Float32Array {
  return Float32Array.from(
    keepRates.flatMap((rate) =>
      Array.from({ length: images }, () => Math.floor(rate + random.uniform()) / rate)
    ),
  );
}

/** Chooses without replacement, every subset equally likely. */
export function randomSampler(random: Stream): Sampler {
  return (candidates, count) => {
    if (candidates.length <= count) return candidates;
    const pool = Int32Array.from(candidates);
    for (let i = 0; i < count; i++) {
      const j = i + random.integer(pool.length - i);
      [pool[i], pool[j]] = [pool[j], pool[i]];
    }
    return pool.slice(0, count);
  };
}
