/**
 * Who needs whom: the graph of a pipeline, read from its other end.
 *
 * @module
 */
import type { StageInstance } from "./instance.ts";

/** Ids of the stages that use an output of a stage, by its id; those that none uses are absent. */
export function usersOf(stages: StageInstance[]): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { id, inputs } of stages) {
    const producers = new Set(Object.values(inputs).flat().map((ref) => ref.id));
    for (const producer of producers) {
      const known = users.get(producer);
      if (known) known.push(id);
      else users.set(producer, [id]);
    }
  }
  return users;
}
