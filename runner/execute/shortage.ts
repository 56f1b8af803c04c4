/**
 * What a stage that could start is short of, and which stages have it.
 *
 * @module
 */
import type { Resources } from "../pipeline/instance.ts";
import { type Capacity, ResourcePool } from "./resources.ts";

/** A stage at work, with what it has. */
export interface Holder {
  id: string;
  resources: Resources;
}

/** One thing of which there is not enough. */
export interface Shortage {
  /** `processors`, `memory`, `GPUs`, `slot disk`, `mutex disk`, or `a place in the queue`. */
  of: string;
  /** Ids of stages that have some of it. */
  heldBy: string[];
}

const NOTHING: Resources = { cpu: 0, gpu: 0 };

/** Everything that is missing; nothing where the stage could start at once. */
export function shortagesOf(
  wanted: Resources,
  holders: Holder[],
  capacity: Capacity,
): Shortage[] {
  const pool = new ResourcePool(capacity);
  for (const { resources } of holders) pool.take(resources);
  // Without a place nothing at all can be taken, so nothing else would be told apart.
  if (!tryTaking(pool, NOTHING)) {
    return [{ of: "a place in the queue", heldBy: holders.map(({ id }) => id) }];
  }
  return partsOf(wanted).filter(({ part }) => !tryTaking(pool, part)).map(({ of }) => ({
    of,
    heldBy: holders.filter(({ resources }) => partsOf(resources).some((one) => one.of === of))
      .map(({ id }) => id),
  }));
}

function tryTaking(pool: ResourcePool, part: Resources): boolean {
  const grant = pool.take(part);
  grant?.giveBack();
  return grant !== undefined;
}

/** Each kind of thing by itself. */
function partsOf(
  { cpu, gpu, memory, slots = {}, mutex = [] }: Resources,
): { of: string; part: Resources }[] {
  return [
    ...(cpu > 0 ? [{ of: "processors", part: { ...NOTHING, cpu } }] : []),
    ...(memory === undefined ? [] : [{ of: "memory", part: { ...NOTHING, memory } }]),
    ...(gpu > 0 ? [{ of: "GPUs", part: { ...NOTHING, gpu } }] : []),
    ...Object.entries(slots).map(([name, n]) => ({
      of: `slot ${name}`,
      part: { ...NOTHING, slots: { [name]: n } },
    })),
    ...mutex.map((name) => ({ of: `mutex ${name}`, part: { ...NOTHING, mutex: [name] } })),
  ];
}
