/**
 * The page of settings that were trained with several seeds.
 *
 * @module
 */
import { barChart } from "./bar_chart.ts";
import { curveSection } from "./curve_section.ts";
import type { Evaluation } from "./evaluation_folder.ts";
import { formatMetric, ORACLE, SETTING_MEANING } from "./glossary.ts";
import { type Html, html } from "./html.ts";
import { metricCells } from "./metric_cells.ts";
import { pictureKey } from "./page.ts";
import { daggerNote, pageFrame, section } from "./page_frame.ts";
import { pictureGrid } from "./picture_grid.ts";
import {
  type Repeated,
  type RepeatedTable,
  seedName,
  seedNames,
  seedsOf,
  signed,
} from "./repetitions.ts";
import { metricMeanings } from "./results.ts";

/** Percent of the width: names of variants are long. */
const LABELS = 32;

/**
 * Makes the page.
 *
 * @param rows at least one, in the order of the table
 * @param all the evaluations behind them, in the same order
 */
export async function renderRepeatedPage(
  title: string,
  table: RepeatedTable,
  rows: readonly Repeated[],
  all: readonly Evaluation[],
): Promise<string> {
  const { images, scale, mainMetric } = rows[0].first;
  // One training of each: pictures and curves of all would be too much to look at.
  const [seed] = rows[0].seeds;
  const some = all.filter(({ metrics }) => metrics.seed === seed);
  const pictures = await pictureGrid(some);
  return pageFrame(
    title,
    html`
      <p class="soft">${images} images, ×${scale} super-resolution, ${seedsOf(rows)}</p>
      <p class="lead">${lead(rows)}</p>
      <div class="panel scroll">${settingsTable(table, rows)}</div>
      ${daggerNote(rows.map(({ first }) => first.label))} ${metricMeanings(table)}
      ${section(`${mainMetric}, mean`, html`<div class="panel">${meanBars(rows)}</div>`)}
      ${section(`${mainMetric} of each seed`, seedTable(rows))}
      ${pictures && section(
        `Pictures, seed ${seedName(seed)}`,
        pictureKey(some),
        html`<div class="scroll">${pictures}</div>`,
      )}
      ${curveSection(some)}
      <footer class="soft">${NOTES}</footer>
    `,
  );
}

/** Which differences are more than chance, in a sentence. */
export function lead(rows: readonly Repeated[]): string {
  const main = rows[0].first.mainMetric;
  const compared = rows.filter(({ first, difference }) =>
    difference !== undefined && first.setting !== ORACLE
  );
  if (compared.length === 0) return "There is no SR4IR, as published, to compare with.";
  if (compared.some(({ difference }) => difference?.larger === undefined)) {
    return "A single seed tells nothing of chance: give two or more, better three.";
  }
  const clear = compared.filter(({ difference }) => difference?.larger);
  const unclear = compared.length - clear.length;
  const list = clear.map(({ first, difference }) =>
    `${first.label} (${signed(main, difference?.difference ?? 0)})`
  );
  return clear.length === 0
    ? `No difference from SR4IR in ${main} is larger than chance explains.`
    : `Larger than chance explains is the difference from SR4IR in ${main} of ${list.join("; ")}.` +
      (unclear === 0 ? "" : ` Of the other${unclear === 1 ? "" : ` ${unclear}`} it is not.`);
}

function settingsTable({ columns, rows: cells }: RepeatedTable, rows: readonly Repeated[]): Html {
  return html`
    <table class="numbers">
      <thead>
        <tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody>${cells.map(([label, ...values], r) =>
        html`
          <tr class="${kindOf(rows[r])}"><th scope="row">${label}${rows[r].first.variant === null &&
            html`<small>${SETTING_MEANING[rows[r].first.setting]}</small>`}</th>${metricCells(
              columns,
              values,
            )}</tr>
        `
      )}
      </tbody>
    </table>
  `;
}

/** In colour is what the others are compared with. */
function kindOf({ first, difference }: Repeated): "best" | "limit" | "plain" {
  if (first.setting === ORACLE) return "limit";
  return first.setting === "sr4ir" && difference === undefined ? "best" : "plain";
}

function meanBars(rows: readonly Repeated[]): Html {
  const main = rows[0].first.mainMetric;
  const bars = rows.map((row) => {
    const { mean, deviation } = row.summaries[main] ?? {};
    return {
      label: row.first.label,
      value: mean ?? null,
      text: formatMetric(main, mean) +
        (deviation === undefined ? "" : ` ± ${formatMetric(main, deviation)}`),
      kind: kindOf(row),
    };
  });
  return barChart(main, bars, LABELS);
}

function seedTable(rows: readonly Repeated[]): Html {
  const main = rows[0].first.mainMetric;
  const seeds = seedNames([...new Set(rows.flatMap((row) => row.seeds))]);
  return html`
    <div class="scroll">
      <table class="heat">
        <thead>
          <tr><th scope="col">setting</th>${seeds.map((seed) =>
            html`<th scope="col">seed ${seed}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map(({ first, seeds: own, values }) =>
          html`
            <tr><th scope="row">${first.label}</th>${seeds.map((seed) => {
              const value = values[main][own.map(seedName).indexOf(seed)] ?? null;
              return html`<td style="--v:${Math.round(value ?? 0)}">${
                formatMetric(main, value)
              }</td>`;
            })}</tr>
          `
        )}
        </tbody>
      </table>
    </div>
  `;
}

const NOTES = html`
  <p>± is the standard deviation of the sample of seeds. “95 %” is Welch's interval of the difference of
  two means, whose values may spread differently; “beyond chance” is “yes” where it leaves out zero. With a
  few seeds it is wide: “no” says that these trainings do not show a difference, not that there is none.
  Of many differences one in twenty looks real by chance.</p>
`;
