/**
 * The table of the paper: one row a setting, one column a metric.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { SettingMetrics } from "../evaluation/evaluate_setting.ts";
import { SETTINGS } from "../train/setting_names.ts";
import type { Evaluation } from "./evaluation_folder.ts";
import { formatMetric, ORACLE, roundMetric } from "./glossary.ts";

/** A table of numbers; null where a metric has no meaning for a setting. */
export interface Comparison {
  title: string;
  /** Label, main metric, other metrics. */
  columns: string[];
  rows: (string | number | null)[][];
  /** Which row is the best of those that did not see the originals; null if there is none. */
  best: number | null;
}

/** The evaluations in the order of the paper's tables. */
export function inOrder(evaluations: readonly Evaluation[]): Evaluation[] {
  const place = ({ metrics }: Evaluation) => SETTINGS.indexOf(metrics.setting);
  return [...evaluations].sort((a, b) => place(a) - place(b));
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
    best: ranked(all)[0] ?? null,
  };
}

/** Places of the settings that reach anything without having seen the originals, best first. */
export function ranked(all: readonly SettingMetrics[]): number[] {
  const score = (i: number) => all[i].metrics[all[i].mainMetric] ?? 0;
  return [...all.keys()]
    .filter((i) => all[i].setting !== ORACLE && score(i) > 0)
    .sort((a, b) => score(b) - score(a));
}

/** The table for a README; the best row is bold. */
export function toMarkdown({ columns, rows, best }: Comparison): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const body = rows.map((row, r) =>
    line(row.map((value, i) => {
      const text = typeof value === "string" ? escapeCell(value) : formatMetric(columns[i], value);
      return r === best && text !== "–" ? `**${text}**` : text;
    }))
  );
  return line(columns.map(escapeCell)) + line(columns.map((_, i) => i === 0 ? "---" : "--:")) +
    body.join("");
}

function escapeCell(text: string): string {
  return text.replace(/[\\|*_`<]/g, "\\$&");
}
