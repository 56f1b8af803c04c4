/**
 * Which stage should start first when several could: the one with the longest way behind it.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";

/**
 * Adds up from the last stage to the first.
 *
 * @param stages in an order in which every stage comes after what it needs
 * @param secondsOf how long a stage takes, as far as is known
 * @returns instance id → seconds from its start to the end of the longest chain that waits for it
 */
export function longestPaths(
  stages: StageInstance[],
  secondsOf: (id: string) => number,
): Map<string, number> {
  const behind = new Map<string, number>(); // the longest chain after a stage
  const paths = new Map<string, number>();
  for (const { id, inputs } of stages.toReversed()) {
    const path = secondsOf(id) + (behind.get(id) ?? 0);
    paths.set(id, path);
    for (const producer of new Set(Object.values(inputs).flat().map((each) => each.id))) {
      behind.set(producer, Math.max(behind.get(producer) ?? 0, path));
    }
  }
  return paths;
}
