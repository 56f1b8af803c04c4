/**
 * The page of super-resolution alone: a table, and pictures side by side.
 *
 * @module
 */
import { Html, html } from "./html.ts";
import { meaningOf } from "./image_glossary.ts";
import { GRID_STYLE, imageGrid, shelf } from "./image_grid.ts";
import {
  formatCell,
  GAIN,
  gainOf,
  type Group,
  type ImageTable,
  methodOf,
} from "./image_results.ts";
import { pageFrame, section } from "./page_frame.ts";

/** How low-resolution pictures are made, by degradation. */
const DEGRADATIONS: Readonly<Record<string, string>> = {
  official: "SR4IR's bicubic filter with four taps, which does not smooth before it shrinks",
  matlab: "MATLAB's imresize, which benchmarks use: bicubic, smoothed before it is shrunk",
};

/** Makes the page; at least one group. */
export async function renderImagePage(
  title: string,
  table: ImageTable,
  groups: readonly Group[],
): Promise<string> {
  const pictures = shelf();
  const grids: Html[] = [];
  for (const group of groups) {
    const grid = await imageGrid(group, pictures);
    if (grid === undefined) continue;
    grids.push(section(
      `${group.set}, ×${group.scale}`,
      html`<div class="scroll">${grid}</div>`,
    ));
  }
  return pageFrame(
    title,
    html`<style>${new Html(GRID_STYLE)}</style>`,
    ...groups.map((group) => html`<p class="lead">${headline(group)}</p>`),
    html`<div class="panel scroll">${numbers(table)}</div>`,
    meanings(table),
    [...new Set(groups.map(({ degradation }) => degradation))].map((name) =>
      html`<p class="soft">Low resolution (${name}): ${DEGRADATIONS[name] ?? name}.</p>`
    ),
    grids.length > 0 && html`
      <p class="soft">The frame is where bicubic enlargement, or the first of the networks, is
      furthest from the original; below it is the same part, enlarged. Click or tap a picture to
      enlarge it.</p>
    `,
    ...grids,
  );
}

/** Which is best, and by how much. */
export function headline(group: Group): string {
  const about = `${group.set} at ×${group.scale}`;
  if (group.best === undefined) return `${about}: not measured.`;
  const best = group.results[group.best];
  const gain = gainOf(group, best);
  if (best.network === null && group.results.length > 1) {
    return `${about}: no network is better than bicubic; longer training may help.`;
  }
  return `${about}: ${methodOf(best)}` +
    (gain === null ? " alone was measured." : ` is ${gain.toFixed(2)} dB above bicubic.`);
}

/** One row a result, the best of each set and scale in bold. */
function numbers({ columns, rows, best }: ImageTable): Html {
  return html`
    <table class="numbers">
      <thead>
        <tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody>${rows.map(([set, ...values], row) =>
        html`
          <tr class="${best.includes(row) ? "best" : "plain"}"><th scope="row">${set}</th>${values
            .map((value, i) => html`<td>${formatCell(columns[i + 1], value)}</td>`)}</tr>
        `
      )}
      </tbody>
    </table>
  `;
}

/** What the table's columns are. */
function meanings({ columns }: ImageTable): Html {
  const known = columns.map((name) =>
    [name, name === GAIN ? "By how many dB PSNR Y is above bicubic's." : meaningOf(name)] as const
  ).filter(([, text]) => text !== undefined);
  return html`<dl>${
    known.map(([name, text]) =>
      html`
        <dt>${name}</dt>
        <dd>${text}</dd>
      `
    )
  }</dl>`;
}

/** The table for a README; the best rows are bold. */
export function imageMarkdown({ columns, rows, best }: ImageTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const escape = (text: string) => text.replace(/[\\|*_`<]/g, "\\$&");
  const body = rows.map((row, r) =>
    line(row.map((value, i) => {
      const text = escape(formatCell(columns[i], value));
      return best.includes(r) && text !== "–" ? `**${text}**` : text;
    }))
  );
  return line(columns.map(escape)) +
    line(columns.map((_, i) => i < 3 ? "---" : "--:")) + body.join("");
}
