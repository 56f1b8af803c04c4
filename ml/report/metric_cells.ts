/**
 * Numbers of a table's row, each with the digits of its metric.
 *
 * @module
 */
import { formatMetric } from "./glossary.ts";
import { type Html, html } from "./html.ts";

/**
 * @param columns names, that of the row's own name first
 * @param values what stands behind it; a text stands as it is
 */
export function metricCells(
  columns: readonly string[],
  values: readonly (string | number | null)[],
): Html[] {
  return values.map((value, i) =>
    html`<td>${typeof value === "string" ? value : formatMetric(columns[i + 1], value)}</td>`
  );
}
