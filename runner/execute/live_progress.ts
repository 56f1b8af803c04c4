/**
 * How far a stage is that another process runs: the end of its event file tells.
 *
 * @module
 */
import type { Progress } from "../ui/activity.ts";
import { Meter } from "../ui/meter.ts";
import { parseEvent } from "./events.ts";
import { lastLines } from "./log_tail.ts";

/** Enough for half a minute of the liveliest stage. */
const LOOK_BACK = 64 * 1024;

/** A stage's last report. */
export interface LiveProgress extends Progress {
  /** Units per second; absent if it is too early to say. */
  perSecond?: number;
  /** As things are going; absent if it is too early to say. */
  secondsLeft?: number;
  /** When it was said: UTC, ISO 8601, by the clock of the stage's machine. */
  saidAt?: string;
}

/**
 * Reads the file's end alone.
 *
 * @param now milliseconds since 1970
 * @returns undefined if the attempt at work has not reported any progress
 */
export function liveProgress(events: string, now: number): LiveProgress | undefined {
  let meter = new Meter();
  let last: LiveProgress | undefined;
  for (const line of lastLines(events, LOOK_BACK)) {
    const event = parseEvent(line);
    if (event?.type === "begun") {
      meter = new Meter();
      last = undefined;
    }
    if (event?.type !== "progress") continue;
    const { done, total, unit, metrics, at } = event;
    if (at !== undefined) meter.update(done, total, at / 1000);
    last = { done, total, unit, metrics, ...(at && { saidAt: new Date(at).toISOString() }) };
  }
  const secondsLeft = meter.remaining(now / 1000);
  return last && {
    ...last,
    ...(meter.rate > 0 && { perSecond: meter.rate }),
    ...(secondsLeft !== undefined && { secondsLeft }),
  };
}
