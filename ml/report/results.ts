/**
 * The numbers of a report: in a sentence, in tables, as bars.
 *
 * @module
 */
import type { SettingMetrics } from "../evaluation/evaluate_setting.ts";
import { barChart } from "./bar_chart.ts";
import { bestOf, type Comparison, contests, ranked } from "./comparison.ts";
import { formatMetric, METRICS, ORACLE, roundMetric, SETTING_MEANING } from "./glossary.ts";
import { type Html, html } from "./html.ts";
import { metricCells } from "./metric_cells.ts";

/** Which settings are the best, by how much, and what the limit is. At least one setting. */
export function headline(all: readonly SettingMetrics[]): string {
  const main = all[0].mainMetric;
  const limit = all.find(({ setting }) => setting === ORACLE);
  const winners = contests(all).map((places) => ranked(all, places).map((i) => all[i]))
    .filter((order) => order.length > 0);
  if (winners.length === 0) return `${main} is zero in every setting; longer training may help.`;
  return winners.map(([first, second]) => lead(main, first, second)).join(" ") +
    (limit === undefined
      ? ""
      : ` With the originals it would be ${formatMetric(main, limit.metrics[main])}.`);
}

function lead(main: string, first: SettingMetrics, second: SettingMetrics | undefined): string {
  // Rounded first, so that a reader's subtraction gives the same.
  const value = (one: SettingMetrics) => roundMetric(main, one.metrics[main]) ?? 0;
  const text = (number: number) => formatMetric(main, number);
  const margin = second === undefined
    ? ""
    : `, ${text(value(first) - value(second))} more than the next best (${second.label}, ` +
      `${text(value(second))})`;
  return `${first.label} reaches ${text(value(first))} ${main}${margin}.`;
}

/** One row a setting, the best in bold. */
export function resultsTable(
  { columns, rows, best }: Comparison,
  all: readonly SettingMetrics[],
): Html {
  return html`
    <table class="numbers">
      <thead>
        <tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody>${rows.map(([label, ...values], r) =>
        html`
          <tr class="${rowClass(
            r,
            best,
            all[r],
          )}"><th scope="row">${label}<small>${SETTING_MEANING[
            all[r].setting
          ]}</small></th>${metricCells(columns, values)}</tr>
        `
      )}
      </tbody>
    </table>
  `;
}

/** The main metric as bars. */
export function metricBars(all: readonly SettingMetrics[]): Html {
  const best = bestOf(all);
  return html`<h3>${all[0].mainMetric}</h3>
${
    barChart(
      all[0].mainMetric,
      all.map((one, i) => {
        const value = one.metrics[one.mainMetric] ?? null;
        return {
          label: one.label,
          value,
          text: formatMetric(one.mainMetric, value),
          kind: rowClass(i, best, one),
        };
      }),
    )
  }`;
}

/** What the table's columns are. */
export function metricMeanings({ columns }: Pick<Comparison, "columns">): Html {
  const known = columns.filter((name) => name in METRICS);
  return html`<dl>${
    known.map((name) =>
      html`
        <dt>${name}</dt>
        <dd>${METRICS[name]}</dd>
      `
    )
  }</dl>`;
}

/** The main metric of each class and setting on a ground as dark as the value is high. */
export function classTable(all: readonly SettingMetrics[]): Html {
  const classes = Object.keys(all[0].perClass);
  return html`
    <div class="scroll">
      <table class="heat">
        <thead>
          <tr><th scope="col">class</th>${all.map(({ label }) =>
            html`<th scope="col">${label}</th>`
          )}</tr>
        </thead>
        <tbody>${classes.map((name) =>
          html`
            <tr><th scope="row">${name}</th>${all.map(({ perClass, mainMetric }) => {
              const value = perClass[name] ?? null;
              return html`<td style="--v:${Math.round(value ?? 0)}">${
                formatMetric(mainMetric, value)
              }</td>`;
            })}</tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}

function rowClass(
  row: number,
  best: readonly number[],
  { setting }: SettingMetrics,
): "best" | "limit" | "plain" {
  if (best.includes(row)) return "best";
  return setting === ORACLE ? "limit" : "plain";
}
