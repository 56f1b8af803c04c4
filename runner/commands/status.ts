/**
 * `status`: what is running on a store now, asked from another terminal.
 *
 * @module
 */
import process from "node:process";
import { type LiveRun, liveRuns } from "../runs/live_runs.ts";
import { renderStatus } from "../ui/status_text.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** Milliseconds between two pictures. */
const EVERY = 1000;

/** Options of `status`. */
export interface StatusOptions extends StoreOption {
  /** Show it again and again until nothing runs. */
  watch?: boolean;
}

/** Shows it once, or until nothing runs any more. @returns the exit code */
export async function statusCommand(
  options: StatusOptions,
  { root, colors }: Surroundings,
): Promise<number> {
  const store = lookIntoStore(root, options);
  const show = await chooseScreen(options);
  for (;;) {
    const now = Date.now();
    const runs = liveRuns(store, now);
    if (options.json) {
      const document: StatusDocument = { format: 1, at: new Date(now).toISOString(), runs };
      print(JSON.stringify(document, null, options.watch ? 0 : 2) + "\n");
    } else {
      const nothing = `Nothing is running on the store ${store.folder}\n`;
      show(runs.length > 0 ? renderStatus(runs, colors, now) : nothing);
    }
    if (!options.watch || runs.length === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

/** What `--json` prints; with `--watch` one in a line, each time. */
export interface StatusDocument {
  /** Another number: another form. */
  format: 1;
  /** UTC, ISO 8601. */
  at: string;
  runs: LiveRun[];
}

/** On a terminal a new picture replaces the last one; elsewhere it follows it. */
async function chooseScreen({ watch, json }: StatusOptions): Promise<(text: string) => void> {
  if (!watch || json || !Deno.stdout.isTerminal()) return print;
  const { createLogUpdate } = await import("log-update");
  const update = createLogUpdate(process.stdout, { showCursor: true });
  return (text) => update(text);
}
