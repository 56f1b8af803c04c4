/**
 * The report: one page that needs nothing but itself, no network and no script.
 *
 * @module
 */
import type { Comparison } from "./comparison.ts";
import { curveSection } from "./curve_section.ts";
import type { Evaluation } from "./evaluation_folder.ts";
import { Html, html, type Piece } from "./html.ts";
import { pictureGrid } from "./picture_grid.ts";
import { classTable, headline, metricBars, metricMeanings, resultsTable } from "./results.ts";
import { STYLE } from "./style.ts";

/** Forbids the page to load or run anything. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

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
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${POLICY}">
        <title>${title}</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p class="soft">${images} images, ${classes} classes, ×${scale} super-resolution</p>
          <p class="lead">${headline(metrics)}</p>
          <div class="two">
            <div class="panel scroll">${resultsTable(comparison, metrics)}</div>
            <div class="panel">${metricBars(metrics)}</div>
          </div>
          ${metricMeanings(comparison)}
          ${pictures &&
            section("Pictures", pictureKey(all), html`<div class="scroll">${pictures}</div>`)}
          ${classes > 1 && section(`${mainMetric} by class`, classTable(metrics))}
          ${curveSection(all)}
          <footer class="soft">${NOTES}</footer>
        </main>
      </body>
    </html>
  `.text;
}

function section(heading: string, ...content: Piece[]): Html {
  return html`<section><h2>${heading}</h2>
${content}</section>`;
}

/** What colours in the pictures mean: those of classes, or of what is right and wrong. */
function pictureKey(all: readonly Evaluation[]): Html {
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
