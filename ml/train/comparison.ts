/**
 * The table of the paper: one row a setting, one column a metric.
 *
 * @module
 */
import type { SettingMetrics } from "./evaluate_setting.ts";
import { SETTINGS } from "./setting_names.ts";

/** A table of numbers; null where a metric has no meaning for a setting. */
export interface Comparison {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
}

/**
 * Reads the `metrics.json` of each folder.
 *
 * @param shown metrics besides the main one; none that a setting lacks is an error
 */
export async function compare(
  folders: readonly string[],
  shown: readonly string[],
): Promise<Comparison> {
  const all = await Promise.all(folders.map(readMetrics));
  all.sort((a, b) => SETTINGS.indexOf(a.setting) - SETTINGS.indexOf(b.setting));
  const main = all[0].mainMetric;
  const columns = [main, ...shown.filter((name) => name !== main)];
  return {
    title: `${main} by setting`,
    columns: ["setting", ...columns],
    rows: all.map(({ label, metrics }) => [
      label,
      ...columns.map((name) => round(metrics[name] ?? null)),
    ]),
  };
}

/** The table for a README. */
export function toMarkdown({ columns, rows }: Comparison): string {
  const line = (cells: readonly (string | number | null)[]) =>
    `| ${cells.map((cell) => cell ?? "–").join(" | ")} |\n`;
  return line(columns) + line(columns.map((_, i) => i === 0 ? "---" : "--:")) +
    rows.map(line).join("");
}

async function readMetrics(folder: string): Promise<SettingMetrics> {
  return JSON.parse(await Deno.readTextFile(`${folder}/metrics.json`));
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
