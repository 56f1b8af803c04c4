/**
 * The report: one page that needs nothing but itself, no network and no script.
 *
 * @module
 */
import type { Comparison } from "./comparison.ts";
import { curveSection } from "./curve_section.ts";
import type { Evaluation } from "./evaluation_folder.ts";
import { type Html, html } from "./html.ts";
import { daggerNote, pageFrame, section } from "./page_frame.ts";
import { pictureGrid } from "./picture_grid.ts";
import { classTable, headline, metricBars, metricMeanings, resultsTable } from "./results.ts";

/**
 * Makes the page.
 *
 * @param all at least one, in the order of the table
 */
export async function renderPage(
  title: string,
  comparison: Comparison,
  all: readonly Evaluation[],
): Promise<string> {
  const metrics = all.map((one) => one.metrics);
  const { images, scale, mainMetric, perClass } = metrics[0];
  const classes = Object.keys(perClass).length;
  const pictures = await pictureGrid(all);
  return pageFrame(
    title,
    html`
      <p class="soft">${images} images, ${classes} classes, ×${scale} super-resolution</p>
      <p class="lead">${headline(metrics)}</p>
      <div class="two">
        <div class="panel scroll">${resultsTable(comparison, metrics)}</div>
        <div class="panel">${metricBars(metrics)}</div>
      </div>
      ${daggerNote(metrics.map(({ label }) => label))} ${metricMeanings(comparison)}
      ${pictures &&
        section("Pictures", pictureKey(all), html`<div class="scroll">${pictures}</div>`)}
      ${classes > 1 && section(`${mainMetric} by class`, classTable(metrics))}
      ${curveSection(all)}
      <footer class="soft">${NOTES}</footer>
    `,
  );
}

/** What colours in the pictures mean: those of classes, or of what is right and wrong. */
export function pictureKey(all: readonly Evaluation[]): Html {
  const { colours } = all[0].metrics;
  return html`
    <p
      class="soft">The first images of the dataset as each task network saw them, with what it found.${colours &&
        " Point at one to see it alone."} Click or tap one to enlarge it.</p>
    <ul class="keys">${colours === undefined
      ? MARK_KEY
      : Object.entries(colours).map(([name, rgb]) =>
        html`
          <li><i class="class" style="background: rgb(${rgb.join(" ")})"></i>${name}</li>
        `
      )}</ul>
  `;
}

const MARK_KEY = html`
  <li><i class="right"></i>right</li>
  <li><i class="wrong"></i>wrong class or place</li>
  <li><i class="missed"></i>missed</li>
  <li><i class="truth"></i>as annotated</li>
`;

const NOTES = html`
  <p>Each number comes from one training with one seed. Differences of a point or two may be chance: repeat
  close comparisons with other seeds before you believe them. H→T sees the originals that the others must do
  without, so it is a limit, not a competitor.</p>
`;
