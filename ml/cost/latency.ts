/**
 * How long a pass takes.
 *
 * @module
 */

/** Durations, milliseconds. */
export interface Latency {
  /** Half of the passes were quicker. */
  median: number;
  /** The quickest: least disturbed by what else the machine did. */
  best: number;
  /** So many were measured. */
  passes: number;
}

/**
 * Times whole passes, one after the other.
 *
 * @param pass resolves when its results are there to be read
 * @param warmUp passes before those that count
 * @param passes those that count, at least one
 * @param onPass told how many are done
 */
export async function timePasses(
  pass: () => Promise<void>,
  { warmUp, passes }: { warmUp: number; passes: number },
  onPass: (done: number) => void = () => {},
): Promise<Latency> {
  const durations: number[] = [];
  for (let i = 0; i < warmUp + passes; i++) {
    const start = performance.now();
    await pass();
    if (i >= warmUp) durations.push(performance.now() - start);
    onPass(i + 1);
  }
  return { median: median(durations), best: Math.min(...durations), passes };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}
