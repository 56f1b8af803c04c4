/**
 * Tables in plain text.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import type { ReportedTable } from "../plan/record.ts";

/** Columns of numbers stand right with equal decimals, the rest left; nothing known is a dash. */
export function renderTable({ title, columns, rows }: ReportedTable, c: Colors): string {
  const cells = columns.map((_, i) => formatColumn(rows.map((row) => row[i] ?? null)));
  const widths = columns.map((name, i) =>
    Math.max(textWidth(name), ...cells[i].text.map((text) => textWidth(text)))
  );
  const pad = (text: string, i: number) => {
    const space = " ".repeat(widths[i] - textWidth(text));
    return cells[i].numeric ? space + text : text + space;
  };
  const line = (texts: string[]) => `  ${texts.map(pad).join("  ")}`.trimEnd();
  return [
    c.bold(title),
    c.dim(line(columns)),
    c.dim(`  ${widths.map((width) => "─".repeat(width)).join("──")}`),
    ...rows.map((_, r) => line(cells.map(({ text }) => text[r]))),
  ].join("\n") + "\n";
}

function formatColumn(values: (string | number | null)[]): { text: string[]; numeric: boolean } {
  const numbers = values.filter((value) => typeof value === "number");
  const decimals = Math.min(decimalsFor(numbers), Math.max(0, ...numbers.map(decimalsOf)));
  const text = values.map((value) => {
    if (value === null) return "–";
    return typeof value === "number" ? value.toFixed(decimals) : value;
  });
  return {
    text,
    numeric: numbers.length > 0 && values.every((value) => typeof value !== "string"),
  };
}

/** Three to four figures for the largest value. */
function decimalsFor(numbers: number[]): number {
  const largest = Math.max(...numbers.map(Math.abs).filter(Number.isFinite), 0);
  if (largest >= 1000) return 1;
  if (largest >= 10) return 2;
  return largest >= 0.1 ? 3 : 5;
}

/** Digits after the point: whoever rounds a number knows how many it is worth. */
function decimalsOf(number: number): number {
  const text = String(number);
  return text.includes("e") ? Infinity : text.split(".")[1]?.length ?? 0;
}

/** Characters, not UTF-16 units. */
function textWidth(text: string): number {
  return [...text].length;
}
