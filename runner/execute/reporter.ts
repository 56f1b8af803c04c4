/**
 * The stage's end of the event channel.
 *
 * @module
 */
import type { Reporter } from "../stage.ts";
import type { StageEvent } from "./events.ts";

/** Milliseconds between two progress lines: quick enough for the eye, cheap for a quick loop. */
const PROGRESS_EVERY = 100;

/**
 * Makes the `report` of a stage's context.
 *
 * @param write takes one event at a time, in order
 * @param now milliseconds, rising
 */
export function createReporter(
  write: (event: StageEvent) => void,
  now: () => number = () => performance.now(),
): Reporter & { flush(): void } {
  let last = -Infinity;
  let held: StageEvent | undefined; // the newest progress, too soon after the one before

  function flush(): void {
    if (held) write(held);
    held = undefined;
  }

  return {
    flush,
    progress(done, total, unit, metrics = {}) {
      const event: StageEvent = { type: "progress", done, total, unit, metrics };
      const time = now();
      if (time - last < PROGRESS_EVERY && done < total) {
        held = event;
        return;
      }
      held = undefined;
      last = time;
      write(event);
    },
    point: (name, step, value) => write({ type: "point", name, step, value }),
    metric: (name, value) =>
      write({
        type: "metric",
        name,
        value: value !== null && Number.isFinite(value) ? value : null,
      }),
    table: (title, columns, rows) => write({ type: "table", title, columns, rows }),
    log(line) {
      console.log(line); // standard output is the log
      write({ type: "log", line });
    },
  };
}
