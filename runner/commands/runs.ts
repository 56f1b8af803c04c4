/**
 * `runs`: list past runs, newest first; see show_run.ts for one of them.
 *
 * @module
 */
import { renderRuns, summarizeRun } from "../runs/list_runs.ts";
import { newestRuns } from "../runs/select_run.ts";
import { count } from "../ui/format.ts";
import { print, type Surroundings } from "./options.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";

/** Options of `runs`. */
export interface RunsOptions extends StoreOption {
  /** How many at most. */
  number: number;
}

/** Prints a table, or with `--json` a list of summaries. @returns the exit code */
export function runsCommand(options: RunsOptions, { root, colors }: Surroundings): number {
  const store = lookIntoStore(root, options);
  const runs = newestRuns(store).take(options.number).map(summarizeRun).toArray();
  if (options.json) {
    print(JSON.stringify(runs, null, 2) + "\n");
    return 0;
  }
  if (runs.length === 0) {
    print(`Nothing was run yet in the store ${store.folder}\n`);
    return 0;
  }
  print(renderRuns(runs, colors));
  const rest = store.runIds().length - runs.length;
  if (rest > 0) print(colors.dim(`  and ${count(rest, "earlier run")}: --number shows more\n`));
  return 0;
}
