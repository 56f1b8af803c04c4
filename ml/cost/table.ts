/**
 * Costs side by side.
 *
 * @module
 */
import { type Cost, totalMacs } from "./cost.ts";

/** A table, one row for each cost. */
export interface CostTable {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
}

const MILLION = 1e6, BILLION = 1e9, MIB = 1024 ** 2;

/** Rows by size, largest last, then as the networks come first. */
export function costTable(title: string, costs: readonly Cost[]): CostTable {
  const networks = [...new Set(costs.map(({ label }) => label))];
  const area = ({ size: [H, W] }: Cost) => H * W;
  const sorted = costs.toSorted((a, b) =>
    area(a) - area(b) || networks.indexOf(a.label) - networks.indexOf(b.label)
  );
  return {
    title,
    columns: [
      "network",
      "image",
      "shown",
      "trained M",
      "frozen M",
      "buffers M",
      "GMACs",
      "peak MiB",
      "median ms",
      "by",
    ],
    rows: sorted.map((cost) => [
      cost.label,
      cost.size.join("x"),
      cost.input.join("x"),
      rounded(cost.parameters.trained / MILLION, 3),
      rounded(cost.parameters.frozen / MILLION, 3),
      rounded(cost.parameters.buffer / MILLION, 3),
      rounded(totalMacs(cost) / BILLION, 3),
      rounded(cost.peakBytes / MIB, 1),
      rounded(cost.latency.median, 1),
      `${cost.backend}, ${cost.threads} thread${cost.threads === 1 ? "" : "s"}`,
    ]),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** The table for a README; numbers as they are. */
export function costMarkdown({ columns, rows }: CostTable): string {
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |\n`;
  const rule = columns.map((_, i) => typeof rows[0]?.[i] === "number" ? "--:" : "---");
  return line(columns) + line(rule) + rows.map(line).join("");
}
