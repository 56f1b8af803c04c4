/**
 * The table of the paper: one row a setting, one column a metric.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { SettingMetrics } from "../evaluation/evaluate_setting.ts";
import { ALL_SETTINGS } from "../train/setting_names.ts";
import type { Evaluation } from "./evaluation_folder.ts";
import { formatMetric, ORACLE, roundMetric } from "./glossary.ts";

/** A table of numbers; null where a metric has no meaning for a setting. */
export interface Comparison {
  title: string;
  /** Label, main metric, other metrics. */
  columns: string[];
  rows: (string | number | null)[][];
  /** Which rows are the best of those that they compete with. */
  best: number[];
}

/**
 * The evaluations in the order of the paper's tables: the limit, then by scale and network. Where
 * there are several of these, labels name them.
 */
export function inOrder(evaluations: readonly Evaluation[]): Evaluation[] {
  const all = evaluations.map(({ metrics }) => metrics);
  const [scales, networks] = [scalesOf(all), networksOf(all)];
  const place = ({ metrics: { setting, scale, network } }: Evaluation) => [
    Number(setting !== ORACLE),
    scales.indexOf(scale),
    network === null ? -1 : networks.indexOf(network),
    ALL_SETTINGS.indexOf(setting),
  ];
  const named = evaluations.map((evaluation) => {
    const { setting, label, scale, network } = evaluation.metrics;
    const parts = [label];
    if (scales.length > 1 && setting !== ORACLE) parts.push(`×${scale}`);
    if (networks.length > 1 && network !== null) parts.push(network);
    return { ...evaluation, metrics: { ...evaluation.metrics, label: parts.join(" ") } };
  });
  return named.sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    const i = first.findIndex((value, i) => value !== second[i]);
    return i < 0 ? 0 : first[i] - second[i];
  });
}

/** Rising. The limit has no scale of its own. */
function scalesOf(all: readonly SettingMetrics[]): number[] {
  const scales = all.filter(({ setting }) => setting !== ORACLE).map(({ scale }) => scale);
  return [...new Set(scales)].sort((a, b) => a - b);
}

function networksOf(all: readonly SettingMetrics[]): string[] {
  return [...new Set(all.flatMap(({ network }) => network ?? []))].sort();
}

/** Places of those that compete: one scale, one super-resolution network or none. */
export function contests(all: readonly SettingMetrics[]): number[][] {
  const networks = networksOf(all);
  return scalesOf(all).flatMap((scale) =>
    (networks.length === 0 ? [null] : networks).map((network) =>
      [...all.keys()].filter((i) =>
        all[i].setting !== ORACLE && all[i].scale === scale &&
        (all[i].network === null || all[i].network === network)
      )
    )
  );
}

/**
 * Makes the table.
 *
 * @param all in the order of the rows
 * @param shown metrics besides the main one
 * @throws {InputError} if there is nothing to compare, or a metric that no setting has
 */
export function compare(all: readonly SettingMetrics[], shown: readonly string[]): Comparison {
  if (all.length === 0) throw new InputError("Cannot compare: there are no evaluated settings");
  const known = new Set(all.flatMap(({ metrics }) => Object.keys(metrics)));
  for (const name of shown) {
    if (known.has(name)) continue;
    throw new InputError(
      `Cannot show the metric "${name}": no setting has it; there are ${[...known].join(", ")}`,
    );
  }
  const main = all[0].mainMetric;
  const columns = [main, ...shown.filter((name) => name !== main)];
  return {
    title: `${main} by setting`,
    columns: ["setting", ...columns],
    rows: all.map(({ label, metrics }) => [
      label,
      ...columns.map((name) => roundMetric(name, metrics[name])),
    ]),
    best: bestOf(all),
  };
}

/** The places among these that reach anything, best first. */
export function ranked(all: readonly SettingMetrics[], places: readonly number[]): number[] {
  const score = (i: number) => all[i].metrics[all[i].mainMetric] ?? 0;
  return places.filter((i) => score(i) > 0).sort((a, b) => score(b) - score(a));
}

/** The best place of each contest. */
export function bestOf(all: readonly SettingMetrics[]): number[] {
  return [...new Set(contests(all).flatMap((places) => ranked(all, places).slice(0, 1)))];
}

/** The table for a README; the best row is bold. */
export function toMarkdown({ columns, rows, best }: Comparison): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const body = rows.map((row, r) =>
    line(row.map((value, i) => {
      const text = typeof value === "string" ? escapeCell(value) : formatMetric(columns[i], value);
      return best.includes(r) && text !== "–" ? `**${text}**` : text;
    }))
  );
  return line(columns.map(escapeCell)) + line(columns.map((_, i) => i === 0 ? "---" : "--:")) +
    body.join("");
}

function escapeCell(text: string): string {
  return text.replace(/[\\|*_`<]/g, "\\$&");
}
