/**
 * The page of an S that was trained for a task network without labels: numbers, pictures, losses.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";
import { curveSection, type LabelledCurves } from "../report/curve_section.ts";
import { Html, html } from "../report/html.ts";
import { GRID_STYLE, type Shelf, shelf } from "../report/image_grid.ts";
import { pageFrame, section } from "../report/page_frame.ts";
import type { Agreement } from "./agreement.ts";
import type { Compared, Measured } from "./measure_adapted.ts";

/** What the page is made of. */
export interface AdaptedReport {
  title: string;
  /** E.g. `detection/faster_rcnn_light`. */
  network: string;
  agreement: Pick<Agreement, "name" | "meaning">;
  /** The last one is the S that was made. */
  measured: readonly Measured[];
  /** How many pictures were measured on. */
  images: number;
  pictures: readonly Compared[];
  curves: readonly LabelledCurves[];
}

/** A table as `comparison.json` has it. */
export interface AdaptedTable {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
}

/** One row for each way to enlarge. */
export function adaptedTable({ agreement, measured, images }: AdaptedReport): AdaptedTable {
  return {
    title: `T on enlarged pictures against T on ${images} originals`,
    columns: ["enlarged by", agreement.name, "feature distance", "PSNR"],
    rows: measured.map(({ label, agreement, distance, psnr }) => [
      label,
      agreement && Number(agreement.toFixed(1)),
      distance && Number(distance.toPrecision(3)),
      psnr && Number(psnr.toFixed(2)),
    ]),
  };
}

/** The table for a README. */
export function adaptedMarkdown({ columns, rows }: AdaptedTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(columns) + line(columns.map((_, i) => i === 0 ? "---" : "--:")) +
    rows.map((cells) => line(cells.map(cellText))).join("");
}

/** A cell as people read it: a column's numbers have equal digits after the point. */
function cellText(value: string | number | null, column: number): string {
  if (value === null) return "–";
  return typeof value === "number" && column in DIGITS ? value.toFixed(DIGITS[column]) : `${value}`;
}

/** By column; features have no common scale. */
const DIGITS: Readonly<Record<number, number>> = { 1: 1, 3: 2 };

/** What came of it, in a sentence. */
export function adaptedHeadline({ agreement: { name }, measured, network }: AdaptedReport): string {
  const last = measured[measured.length - 1];
  if (last.agreement === null) {
    return `${network} finds nothing in the original pictures, so there is nothing to agree with: ` +
      "are they of the kind that it was trained on?";
  }
  const others = measured.slice(0, -1)
    .map(({ label, agreement }) => `${agreement?.toFixed(1) ?? "–"} with ${label}`);
  return `What ${network} says of pictures that the new S has enlarged agrees with what it says of ` +
    `the originals by ${last.agreement.toFixed(1)} % (${name}); ${others.join(", ")}.`;
}

/** Makes the page. */
export async function adaptedPage(report: AdaptedReport): Promise<string> {
  const { title, agreement, pictures, curves } = report;
  const { columns, rows } = adaptedTable(report);
  return pageFrame(
    title,
    html`
      <style>${new Html(GRID_STYLE + ".grid figure { width: 158px; }")}</style>
      <p class="lead">${adaptedHeadline(report)}</p>
      <p class="soft">This goes beyond the paper. No labels were read: what T finds in the original
            counts as right, whether it is or not.</p>
      <div class="panel scroll">
        <table class="numbers">
          <thead>
            <tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr>
          </thead>
          <tbody>${rows.map((cells, i) => row(cells, i === rows.length - 1))}</tbody>
        </table>
      </div>
      <dl>
        <dt>${agreement.name}</dt>
        <dd>${agreement.meaning}</dd>
        <dt>feature distance</dt>
        <dd>How far T's features of the enlarged picture are from those of
              the original: the perceptual loss without its weight. Less is better.</dd>
        <dt>PSNR</dt>
        <dd>How close the pixels are, in dB over RGB. It may fall while T sees
              better.</dd>
      </dl>
    `,
    pictures.length > 0 && section(
      "Held-out pictures",
      html`
        <p class="soft">With T's results drawn in. Click or tap one to enlarge it.</p>
        <div class="scroll">${await grid(report)}</div>
      `,
    ),
    curveSection(curves),
  );
}

function row(cells: AdaptedTable["rows"][number], best: boolean): Html {
  const [label, ...values] = cells.map(cellText);
  return html`
    <tr class="${best ? "best" : "plain"}"><th scope="row">${label}</th>${values.map((value) =>
      html`<td>${value}</td>`
    )}</tr>
  `;
}

async function grid({ measured, pictures }: AdaptedReport): Promise<Html> {
  const pool = shelf();
  const headings = ["LR", ...measured.map(({ label }) => label), "original"];
  const rows: Html[] = [];
  for (const { name, low, enlarged, original } of pictures) {
    const shown = [
      { picture: low, summary: "", kind: "low" },
      ...[...enlarged, original].map(({ drawn, summary }) => ({
        picture: drawn,
        summary,
        kind: "seen",
      })),
    ];
    const cells: Html[] = [];
    for (const [i, one] of shown.entries()) {
      cells.push(await cell(`${headings[i]}, ${name}`, one, pool));
    }
    rows.push(html`<tr><th scope="row"><span>${name}</span></th>${cells}</tr>`);
  }
  return html`
    <table class="grid">
      <thead>
        <tr><th></th>${headings.map((text) => html`<th scope="col">${text}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

async function cell(
  about: string,
  { picture, summary, kind }: { picture: Picture; summary: string; kind: string },
  pool: Shelf,
): Promise<Html> {
  const { width, height } = picture;
  return html`
    <td>
      <figure tabindex="0">
        <svg class="${kind}" role="img" aria-label="${about}"
          viewBox="0 0 ${width} ${height}">
          ${await pool.place(picture, { width, height })}
        </svg>
        <figcaption data-of="${about}">${summary}</figcaption>
      </figure>
    </td>
  `;
}
