/**
 * Runs side by side as text and as CSV.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { count, formatValue } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import type {
  Compared,
  Comparison,
  Experiment,
  ExperimentGroup,
  MetricName,
} from "./experiment.ts";
import { localTime, shortName } from "./list_runs.ts";
import type { Summary } from "../../common/statistics.ts";

type Cell = string | number | null;

/**
 * The table over runs, then means over seeds, then what differs by more than its spread.
 *
 * @param shown metrics with a column of their own
 */
export function renderExperiment(experiment: Experiment, shown: MetricName[], c: Colors): string {
  const { params, runs, groups = [], comparisons = [] } = experiment;
  const titles = metricTitles(shown);
  const parts = [renderTable({
    title: count(runs.length, "run"),
    columns: ["run", "when", ...params, ...titles],
    rows: runs.map((run) => [
      run.id,
      localTime(run.startedAt),
      ...params.map((name) => cell(run.params[name])),
      ...shown.map(({ stage, name }) => run.metrics[stage]?.[name] ?? null),
    ]),
  }, c)];
  if (groups.length > 0) parts.push(renderGroups(experiment, groups, shown, titles, c));
  const told = comparisons.filter((each) => isShown(each, shown));
  if (told.length > 0) {
    parts.push(`${c.bold("Differences")}, with 95 % intervals\n${told.map(tell).join("")}`);
  }
  return parts.join("\n");
}

/** What each stage has reported first: its main result. */
export function mainMetrics(metrics: MetricName[]): MetricName[] {
  const first = new Map<string, MetricName>();
  for (const metric of metrics) if (!first.has(metric.stage)) first.set(metric.stage, metric);
  return [...first.values()];
}

/** One line a run, all params that differ and all metrics; as RFC 4180 has it, with `\n`. */
export function experimentCsv({ params, metrics, runs }: Experiment): string {
  const rows: Cell[][] = [
    ["run", "started", "status", "file", ...params, ...metrics.map((m) => `${m.stage}.${m.name}`)],
    ...runs.map((run): Cell[] => [
      run.id,
      run.startedAt,
      run.status,
      run.file,
      ...params.map((name) => cell(run.params[name])),
      ...metrics.map(({ stage, name }) => run.metrics[stage]?.[name] ?? null),
    ]),
  ];
  return rows.map((row) => row.map(quoted).join(",") + "\n").join("");
}

function quoted(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cell(value: unknown): Cell {
  if (value === undefined) return null;
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}

/** `sr4ir AP`: as much of the stage's id as tells it from the others. */
function metricTitles(metrics: MetricName[]): string[] {
  const ids = [...new Set(metrics.map(({ stage }) => stage))];
  return metrics.map(({ stage, name }) => `${shortName(stage, ids)} ${name}`);
}

function renderGroups(
  { params }: Experiment,
  groups: ExperimentGroup[],
  shown: MetricName[],
  titles: string[],
  c: Colors,
): string {
  const names = params.filter((name) => groups.some((group) => name in group.params));
  return renderTable({
    title: "Means over seeds",
    columns: [...names, "seeds", ...titles],
    rows: groups.map((group) => [
      ...names.map((name) => cell(group.params[name])),
      group.runs.length,
      ...shown.map(({ stage, name }) => {
        const found = group.metrics.find((each) => each.stage === stage && each.name === name);
        return found ? tellSummary(found) : null;
      }),
    ]),
  }, c);
}

function isShown({ between, within, metric, highest }: Comparison, shown: MetricName[]): boolean {
  const stage = between === "params" && "stage" in within
    ? within.stage
    : "stage" in highest
    ? highest.stage
    : undefined;
  return shown.some((each) => each.stage === stage && each.name === metric);
}

/** E.g. `AP of evaluate: scale=4 36.2 ± 0.7`, and below it what it is compared with. */
function tell({ within, metric, highest, others }: Comparison): string {
  const where = "stage" in within ? ` of ${within.stage}` : tellParams(within.params, ", ");
  const lines = [
    `  ${metric}${where}: ${nameOf(highest)} ${tellSummary(highest)}`,
    ...others.map(({ difference, margin, larger, ...other }) => {
      const by = `+${fixed(difference, margin)}`; // the highest is higher
      const verdict = larger === undefined
        ? `${by}; one run is not enough to know the spread`
        : `${by} ± ${fixed(margin ?? 0, margin)}, ` +
          (larger ? "more than the spread" : "within the spread");
      return `    over ${nameOf(other)} ${tellSummary(other)}: ${verdict}`;
    }),
  ];
  return lines.join("\n") + "\n";
}

function nameOf(side: Compared): string {
  return "stage" in side ? side.stage : tellParams(side.params, "");
}

function tellParams(params: Record<string, unknown>, before: string): string {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${cell(value)}`);
  return pairs.length === 0 ? "" : before + pairs.join(" ");
}

/** E.g. `36.2 ± 0.71`: no more digits than the spread leaves meaning. */
export function tellSummary({ mean, deviation }: Summary): string {
  if (deviation === undefined) return formatValue(mean);
  return `${fixed(mean, deviation)} ± ${fixed(deviation, deviation)}`;
}

/** As many decimals as two figures of the spread have. */
function fixed(value: number, spread: number | undefined): string {
  if (spread === undefined || spread === 0) return formatValue(value);
  return value.toFixed(Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(spread)))));
}
