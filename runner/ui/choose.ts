/**
 * Picks the way a run is shown.
 *
 * @module
 */
import { linesView } from "./lines.ts";
import { terminalView } from "./terminal.ts";
import { Narrator, type View, type ViewOptions } from "./view.ts";

/** Live on a terminal, plain lines elsewhere, next to nothing when quiet. */
export function chooseView(options: ViewOptions & { quiet: boolean; terminal: boolean }): View {
  if (options.quiet) return quietView(options);
  return options.terminal ? terminalView(options) : linesView(options);
}

/** Notices only; what failed is told when the run ends. */
function quietView(options: ViewOptions): View {
  const narrator = new Narrator(options);
  return {
    show(event) {
      if (event.type !== "notice") return;
      options.write(narrator.tell(event).join("\n") + "\n");
    },
    close() {},
  };
}
