/**
 * `runs RUN`: one past run with all its stages.
 *
 * @module
 */
import { fileOfRun, optionsOfRun } from "../runs/run_options.ts";
import { renderRun } from "../runs/run_text.ts";
import { selectRun } from "../runs/select_run.ts";
import { runAgain } from "./again.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** Prints the run, or with `--json` its manifest. @param name as `selectRun` takes it @returns the exit code */
export function showRunCommand(
  name: string,
  options: StoreOption,
  { root, colors }: Surroundings,
): number {
  const run = selectRun(lookIntoStore(root, options), name);
  const { until = [], only = [], ...repeated } = optionsOfRun(run);
  const command = runAgain(fileOfRun(run, root), { ...repeated, backend: "auto" }, [
    ...until.flatMap((word) => ["--until", word]),
    ...only.flatMap((word) => ["--only", word]),
  ]);
  print(options.json ? JSON.stringify(run, null, 2) + "\n" : renderRun(run, command, colors));
  return 0;
}
