/**
 * A run as plain lines, for logs and pipes: no cursor movements, progress now and then.
 *
 * @module
 */
import { Activity } from "./activity.ts";
import { onGpus } from "./format.ts";
import { Narrator, type View, type ViewOptions } from "./view.ts";

/** Seconds between two lines about the same stage. */
const EVERY = 10;

/** Makes the view. @param now seconds, rising */
export function linesView(
  options: ViewOptions,
  now: () => number = () => performance.now() / 1000,
): View {
  const { write } = options;
  const narrator = new Narrator(options);
  const activities = new Map<string, { activity: Activity; saidAt: number }>();

  const print = (lines: string[]) => lines.length > 0 && write(lines.join("\n") + "\n");
  const begin = (id: string) => {
    const begun = { activity: new Activity(id, now()), saidAt: now() };
    activities.set(id, begun);
    return begun;
  };

  return {
    show(event) {
      const time = now();
      switch (event.type) {
        case "started":
          begin(event.id);
          print([`> ${event.id}  ${event.reason}  ${onGpus(event.gpus)}`.trimEnd()]);
          break;
        case "progress":
        case "setup": {
          const id = event.type === "setup" ? event.what : event.id;
          // A stage has said that it started; what has to be fetched first is news at once.
          const isNews = event.type === "setup" && !activities.has(id);
          const it = activities.get(id) ?? begin(id);
          it.activity.update({ metrics: {}, ...event }, time);
          if (!isNews && time - it.saidAt < EVERY) break;
          it.saidAt = time;
          print([`  ${[id, ...it.activity.parts(time)].join("  ")}`]);
          break;
        }
        default:
          print(narrator.tell(event));
      }
    },
    close() {
      print(narrator.summary());
    },
  };
}
