/**
 * From a stage's record to what TensorBoard shows of it.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { encodeEvents, type Scalar } from "./event_file.ts";

/** An event file. */
export interface EventFile {
  /** As TensorBoard expects it, and the same for the same record. */
  name: string;
  bytes: Uint8Array;
}

/**
 * Its curves, and its metrics at the end of them. Times are not recorded for each point: they are
 * spread evenly over the stage's time.
 *
 * @returns undefined for a stage that has reported neither
 */
export function stageEvents(record: ActionRecord): EventFile | undefined {
  const { curves, metrics, startedAt, seconds, key } = record;
  const start = Date.parse(startedAt) / 1000;
  const steps = Object.values(curves).flatMap((points) => points.map(([step]) => step));
  const last = steps.reduce((most, step) => Math.max(most, step), 0);
  const timeOf = (step: number) => start + (last === 0 ? seconds : seconds * step / last);
  const points = Object.entries(curves).flatMap(([tag, curve]) =>
    curve.map(([step, value]): Scalar => ({ tag, step, value, time: timeOf(step) }))
  );
  const ends = Object.entries(metrics).flatMap(([name, value]): Scalar[] =>
    value === null ? [] : [{ tag: `metrics/${name}`, step: last, value, time: timeOf(last) }]
  );
  const scalars = [...points, ...ends];
  if (scalars.length === 0) return undefined;
  scalars.sort((a, b) => a.step - b.step); // stable: curves in their order
  return {
    name: `events.out.tfevents.${Math.floor(start)}.${key.slice(0, 12)}`,
    bytes: encodeEvents(start, scalars),
  };
}
