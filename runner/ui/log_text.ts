/**
 * What a stage has reported besides its log: metrics, tables, curves.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { Reported } from "../execute/collected.ts";
import { count, formatValue } from "./format.ts";
import { renderTable } from "./table.ts";

/** As text, a blank line before each part; empty if it has reported nothing. */
export function renderReported({ metrics, tables, curves }: Reported, c: Colors): string {
  const values = Object.entries(metrics);
  const table = {
    title: "Metrics",
    columns: ["metric", "value"],
    rows: values.map(([name, value]) => [name, value === null ? null : formatValue(value)]),
  };
  const drawn = Object.entries(curves).map(([name, { length }]) =>
    `  ${name} (${count(length, "point")})\n`
  );
  return [
    ...(values.length > 0 ? [renderTable(table, c)] : []),
    ...tables.map((table) => renderTable(table, c)),
    ...(drawn.length > 0 ? [`${c.bold("Curves")}\n${drawn.join("")}`] : []),
  ].map((part) => `\n${part}`).join("");
}

/** One object for each thing, as `log --json` prints them. */
export function reportedLines({ metrics, tables, curves }: Reported): object[] {
  return [
    ...Object.entries(metrics).map(([name, value]) => ({ type: "metric", name, value })),
    ...tables.map((table) => ({ type: "table", ...table })),
    ...Object.entries(curves).map(([name, points]) => ({ type: "curve", name, points })),
  ];
}
