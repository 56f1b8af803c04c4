/**
 * `runs RUN`: one past run with all its stages.
 *
 * @module
 */
import { EarlierRecords } from "../explain/earlier_records.ts";
import { fileOfRun, optionsOfRun } from "../runs/run_options.ts";
import { renderRun } from "../runs/run_text.ts";
import { selectRun } from "../runs/select_run.ts";
import { runAgain } from "./again.ts";
import type { ExportOptions } from "./export_provenance.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** Prints the run, or with `--json` its manifest. @param name as `selectRun` takes it @returns the exit code */
export async function showRunCommand(
  name: string,
  options: StoreOption & ExportOptions,
  { root, colors }: Surroundings,
): Promise<number> {
  const store = lookIntoStore(root, options);
  const run = selectRun(store, name);
  const { until = [], only = [], ...repeated } = optionsOfRun(run);
  const command = runAgain(fileOfRun(run, root), { ...repeated, backend: "auto" }, [
    ...until.flatMap((word) => ["--until", word]),
    ...only.flatMap((word) => ["--only", word]),
  ]);
  if (options.format !== undefined) {
    const { exportedRun, writeExport } = await import("./export_provenance.ts");
    const exported = exportedRun(run, command, store, new EarlierRecords(store));
    return await writeExport(exported, options, store);
  }
  print(options.json ? JSON.stringify(run, null, 2) + "\n" : renderRun(run, command, colors));
  return 0;
}
