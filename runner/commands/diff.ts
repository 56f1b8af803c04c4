/**
 * `diff`: what differs between two runs.
 *
 * @module
 */
import { diffRuns } from "../runs/diff_runs.ts";
import { renderDiff } from "../runs/diff_text.ts";
import { selectRun } from "../runs/select_run.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** Compares and prints. @returns the exit code */
export function diffCommand(
  before: string,
  now: string,
  options: StoreOption,
  { root, colors }: Surroundings,
): number {
  const store = lookIntoStore(root, options);
  const diff = diffRuns(
    selectRun(store, before),
    selectRun(store, now),
    (key) => store.peekRecord(key),
    { readTree: (digest) => store.peekTree(digest) },
  );
  print(options.json ? JSON.stringify(diff, null, 2) + "\n" : renderDiff(diff, colors));
  return 0;
}
