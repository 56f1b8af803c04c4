/**
 * Learning rates by iteration: pure functions, one value per iteration.
 *
 * Iterations count from 0. Periods are iterations here; configurations give epochs.
 *
 * @module
 */

/** The learning rate in force during an iteration, counted from 0. */
export type Schedule = (iteration: number) => number;

/** Options of {@link restartingCosine}. */
export interface RestartingCosineOptions {
  /** Rate at the start. */
  base: number;
  /** Rate at the end of every cycle. Default 0. */
  etaMin?: number;
  /** Length of each cycle, iterations. */
  periods: readonly number[];
  /** Height of each cycle, relative to `base`. Default 1 for all. */
  restartWeights?: readonly number[];
}

/**
 * Cosine annealing with restarts.
 *
 * An iteration equal to a cycle's end still belongs to that cycle, so the first iteration after a
 * restart runs at exactly `etaMin` and the full base rate never comes back. The last rate stays.
 *
 * @throws {RangeError} if there is not one weight per period
 */
export function restartingCosine(
  { base, etaMin = 0, periods, restartWeights = periods.map(() => 1) }: RestartingCosineOptions,
): Schedule {
  if (restartWeights.length !== periods.length) {
    throw new RangeError(
      `Cannot make a schedule of ${periods.length} periods with ${restartWeights.length} restart ` +
        "weights: expected one for each",
    );
  }
  const total = periods.reduce((a, b) => a + b, 0);
  return (iteration) => {
    const step = Math.min(iteration, total);
    let [start, cycle] = [0, 0];
    while (step > start + periods[cycle]) start += periods[cycle++];
    const turn = Math.PI * (step - start) / periods[cycle];
    return etaMin + restartWeights[cycle] * 0.5 * (base - etaMin) * (1 + Math.cos(turn));
  };
}

/** Options of {@link cosine}. */
export interface CosineOptions {
  /** Rate at the start. */
  base: number;
  /** Rate at the end of the period. Default 0. */
  etaMin?: number;
  /** Iterations from `base` down to `etaMin`; the rate rises again after them. */
  period: number;
}

/** Cosine annealing: what PyTorch's `CosineAnnealingLR` computes step by step, in closed form. */
export function cosine({ base, etaMin = 0, period }: CosineOptions): Schedule {
  return (iteration) =>
    etaMin + 0.5 * (base - etaMin) * (1 + Math.cos(Math.PI * iteration / period));
}

/** Options of {@link multiStep}. */
export interface MultiStepOptions {
  /** Rate at the start. */
  base: number;
  /** Iterations at which the rate is multiplied by `gamma`; one listed twice counts twice. */
  milestones: readonly number[];
  /** Factor at a milestone. */
  gamma: number;
  /** Iterations at which the rate becomes `base` times the weight beside it. Default: none. */
  restarts?: readonly { at: number; weight: number }[];
}

/** A rate that falls at milestones. At a restart the milestones before it are forgotten. */
export function multiStep({ base, milestones, gamma, restarts = [] }: MultiStepOptions): Schedule {
  return (iteration) => {
    const last = restarts.findLast(({ at }) => at <= iteration) ?? { at: 0, weight: 1 };
    const falls = milestones.filter((at) => at > last.at && at <= iteration).length;
    return base * last.weight * gamma ** falls;
  };
}

/** Options of {@link linear}. */
export interface LinearOptions {
  /** Rate at the end. */
  base: number;
  /** Share of `base` at iteration 0. */
  startFactor: number;
  /** Iterations until `base` is reached; it stays there. */
  iterations: number;
}

/** A rate that rises (or falls) linearly to the base rate. */
export function linear({ base, startFactor, iterations }: LinearOptions): Schedule {
  return (iteration) => {
    const done = Math.min(iteration / iterations, 1);
    return base * (startFactor + (1 - startFactor) * done);
  };
}

/**
 * Detection's first epoch: the rate rises from base/N to base in N iterations, then the main
 * schedule runs from its own step 0. The main schedule so ends N iterations later than its periods
 * say, and a training that is N iterations too short for it never reaches its end: the published
 * configurations do so, and it is kept.
 *
 * @param iterations of one epoch, N
 */
export function warmUpThen(main: Schedule, base: number, iterations: number): Schedule {
  const warmUp = linear({ base, startFactor: 1 / iterations, iterations });
  return (iteration) => iteration < iterations ? warmUp(iteration) : main(iteration - iterations);
}

/** Options of {@link riseAndFall}. */
export interface RiseAndFallOptions {
  base: number;
  etaMin: number;
  /** Iterations of the linear rise; cut so that at least one is left for the fall. */
  rise: number;
  /** All of them, the rise included. */
  iterations: number;
  /** Length of the cosine; by default it ends with the last iteration. */
  period?: number | undefined;
}

/** A linear rise, then one cosine: how the starting weights are trained. */
export function riseAndFall(
  { base, etaMin, rise, iterations, period }: RiseAndFallOptions,
): Schedule {
  const rising = Math.min(rise, iterations - 1);
  const main = restartingCosine({ base, etaMin, periods: [period ?? iterations - rising] });
  return rising === 0 ? main : warmUpThen(main, base, rising);
}
