/**
 * A run on a terminal: what is under way at the bottom, one line each; what is done above.
 *
 * @module
 */
import process from "node:process";
import { Activity } from "./activity.ts";
import { onGpus } from "./format.ts";
import { idWidth, Narrator, type View, type ViewOptions } from "./view.ts";

/** Milliseconds between two pictures. */
const FRAME = 100;

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** Draws on standard error. */
export function terminalView(options: ViewOptions): View {
  const { colors: c, ids } = options;
  const narrator = new Narrator(options);
  const width = idWidth(ids);
  const activities = new Map<string, Activity>();
  let update: Awaited<ReturnType<typeof loadUpdate>> | undefined;
  let loading = false;
  let closed = false;
  const now = () => performance.now() / 1000;

  // Loaded when there is something to draw: most reruns have nothing, and it takes 80 ms.
  const load = async () => {
    loading = true;
    const loaded = await loadUpdate();
    if (!closed) update = loaded;
  };
  const print = (lines: string[]) => {
    if (lines.length === 0) return;
    if (update) update.persist(lines.join("\n"));
    else options.write(lines.join("\n") + "\n");
  };
  const draw = () => {
    if (!update) {
      if (activities.size > 0 && !loading) void load();
      return;
    }
    const time = now();
    const spinner = SPINNER[Math.floor(time * 10) % SPINNER.length];
    const columns = Math.max(20, (process.stderr.columns ?? 80) - 3);
    const lines = [...activities.values()].map((activity) =>
      `${c.cyan(spinner)} ${activity.line(time, width, columns)}`
    );
    if (lines.length > 0) update(lines.join("\n"));
    else update.clear();
  };
  const timer = setInterval(draw, FRAME);

  return {
    show(event) {
      switch (event.type) {
        case "started":
          activities.set(event.id, new Activity(event.id, now(), onGpus(event.gpus)));
          narrator.keepReason(event.id, event.reason);
          break;
        case "progress":
        case "setup": {
          const id = event.type === "setup" ? event.what : event.id;
          const activity = activities.get(id) ?? new Activity(id, now());
          activities.set(id, activity);
          activity.update({ metrics: {}, ...event }, now());
          return; // the next picture shows it
        }
        case "setup-done":
          for (const id of event.what === undefined ? [...activities.keys()] : [event.what]) {
            if (!ids.includes(id)) activities.delete(id);
          }
          break;
        case "ran":
        case "failed":
        case "interrupted":
          activities.delete(event.id);
          break;
        default: // says something, moves nothing
      }
      print(narrator.tell(event));
      draw();
    },
    close() {
      closed = true;
      clearInterval(timer);
      update?.clear();
      update?.done();
      update = undefined;
      print(narrator.summary());
    },
  };
}

async function loadUpdate() {
  const { createLogUpdate } = await import("log-update");
  // The cursor stays visible: hiding it would need a hook on Ctrl-C, which is ours to handle.
  return createLogUpdate(process.stderr, { showCursor: true });
}
