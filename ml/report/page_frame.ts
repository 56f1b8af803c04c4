/**
 * What all pages have: a document that needs nothing but itself, no network and no script.
 *
 * @module
 */
import { Html, html, type Piece } from "./html.ts";
import { STYLE } from "./style.ts";

/** Forbids the page to load or run anything. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** What tables with a dagger say below. */
export const DAGGER = "† goes beyond the paper: this project's own, not a published result.";

/** The whole document. */
export function pageFrame(title: string, ...content: Piece[]): string {
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
          ${content}
        </main>
      </body>
    </html>
  `.text;
}

/** A part with a heading. */
export function section(heading: string, ...content: Piece[]): Html {
  return html`<section><h2>${heading}</h2>
${content}</section>`;
}

/** What the dagger means, if a label has one. */
export function daggerNote(labels: readonly string[]): Html | undefined {
  if (!labels.some((label) => label.includes("†"))) return undefined;
  return html`<p class="soft">${DAGGER}</p>`;
}
