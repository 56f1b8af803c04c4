/**
 * `metrics`: runs side by side, with the params that differ between them.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import { makeExperiment, newestOfEach } from "../runs/experiment.ts";
import { experimentCsv, mainMetrics, renderExperiment } from "../runs/experiment_text.ts";
import type { RunRecord } from "../runs/run_record.ts";
import { newestRuns, type RunStore, selectRun } from "../runs/select_run.ts";
import { count, listed } from "../ui/format.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { print, type Surroundings } from "./options.ts";

/** A table with more columns of metrics is no longer read. */
const COLUMNS = 12;

/** Options of `metrics`. */
export interface MetricsOptions extends StoreOption {
  csv?: boolean;
  /** Names of the metrics to show; default: the first of each stage. */
  metric?: string[];
}

/**
 * Compares and prints.
 *
 * @param names pipeline files, for all their runs, and runs
 * @returns the exit code
 */
export function metricsCommand(
  names: string[],
  options: MetricsOptions,
  { root, colors }: Surroundings,
): number {
  const store = lookIntoStore(root, options);
  const records = new Map<string, RunRecord>();
  for (const name of names) {
    const found = /\.ya?ml$/.test(name) ? runsOf(store, root, name) : [selectRun(store, name)];
    for (const record of found) records.set(record.id, record);
  }
  const all = makeExperiment([...records.values()]);
  checkMetrics(all.metrics.map(({ name }) => name), options.metric ?? []);
  const experiment = options.metric ? makeExperiment([...records.values()], options.metric) : all;
  const chosen = options.metric ? experiment.metrics : mainMetrics(experiment.metrics);
  const shown = chosen.slice(-COLUMNS); // stages that come late build on the others
  print(
    options.json
      ? JSON.stringify(experiment, null, 2) + "\n"
      : options.csv
      ? experimentCsv(experiment)
      : renderExperiment(experiment, shown, colors),
  );
  if (options.json || options.csv) return 0;
  const others = [...new Set(all.metrics.map(({ name }) => name))]
    .filter((name) => !shown.some((each) => each.name === name));
  const rest = chosen.length - shown.length;
  const notes = [
    rest > 0 ? `${count(rest, "more column")} did not fit` : "",
    others.length > 0 ? `--metric NAME shows others: ${listed(others)}` : "",
  ].filter((note) => note !== "");
  if (notes.length > 0) print(colors.dim(`\n${notes.join("; ")}; --csv and --json have all\n`));
  return 0;
}

/** Runs of a pipeline file; of those with equal params the newest. */
function runsOf(store: RunStore, root: string, file: string): RunRecord[] {
  const below = relative(root, resolve(file));
  const path = below.startsWith("..") ? resolve(file) : below;
  const all = [...newestRuns(store)];
  const found = all.filter((run) => run.file === path);
  if (found.length > 0) return newestOfEach(found);
  const files = [...new Set(all.map(({ file }) => file))];
  const hint = didYouMean(path, files);
  throw new UserError({
    message: `nothing was run yet of ${file}`,
    ...(hint === undefined ? {} : { hint }),
    notes: [files.length === 0 ? `deno task run ${file}` : `there are runs of: ${listed(files)}`],
  });
}

function checkMetrics(names: string[], wanted: string[]): void {
  if (names.length === 0) {
    throw new UserError({
      message: "none of these runs has reported a metric",
      notes: ["a stage does so by report.metric(NAME, VALUE)"],
    });
  }
  for (const name of wanted) {
    if (names.includes(name)) continue;
    const hint = didYouMean(name, new Set(names));
    throw new UserError({
      message: `there is no metric "${name}"`,
      ...(hint === undefined ? {} : { hint }),
      notes: [`metrics: ${[...new Set(names)].join(", ")}`],
    });
  }
}
