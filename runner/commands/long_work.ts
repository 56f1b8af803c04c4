/**
 * Shows how far a command has come, if it takes long enough for someone to wonder.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { chooseView } from "../ui/choose.ts";
import { printError } from "./options.ts";

/** Milliseconds that nobody minds. */
const SHORT = 1000;

/** Shown on standard error until disposed of. */
export interface LongWork extends Disposable {
  /** Tells how far the work is. */
  show(done: number, total: number): void;
}

/** Begins. @param what e.g. `reading what is stored` @param unit e.g. `bytes` */
export function longWork(what: string, unit: string, colors: Colors): LongWork {
  const since = performance.now();
  const view = chooseView({
    ids: [what],
    colors,
    write: printError,
    quiet: false,
    terminal: Deno.stderr.isTerminal(),
  });
  return {
    show(done, total) {
      if (performance.now() - since < SHORT) return;
      view.show({ type: "setup", what, done, total, unit });
    },
    [Symbol.dispose]() {
      view.show({ type: "setup-done" });
      view.close();
    },
  };
}
