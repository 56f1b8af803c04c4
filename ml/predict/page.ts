/**
 * The page of predictions: small versions of all pictures, and links to the large ones beside it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { webpBytes } from "../image/codec.ts";
import { type Html, html } from "../report/html.ts";
import { pageFrame, section } from "../report/page_frame.ts";
import type { Prediction, Shown } from "./predict_photos.ts";

/** One photo's part of the page; made when the photo is done, so that its pictures can be let go. */
export async function photoSection({ name, summary, shown }: Prediction): Promise<Html> {
  const figures: Html[] = [];
  for (const one of shown) figures.push(await figure(name, one));
  return section(
    name,
    html`
      <p>${summary}</p>
      <div style="${ROW}">${figures}</div>
    `,
  );
}

async function figure(name: string, { heading, file, width, height, small }: Shown): Promise<Html> {
  const bytes = Buffer.from(await webpBytes(small)).toString("base64");
  return html`
    <a href="${encodeURIComponent(file)}" style="${LINK}">
      <img src="data:image/webp;base64,${bytes}" width="${small.width}" height="${small.height}"
        alt="${name}: ${heading}" style="${IMAGE}">
      <small>${heading}, ${width}×${height}</small>
    </a>
  `;
}

/** Three beside each other where there is room: bicubic, SR, and what was found. */
const ROW =
  "display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 14px";
const LINK = "color: inherit; text-decoration: none";
const IMAGE = "display: block; width: 100%; height: auto; border-radius: 3px";

/** Puts the parts together. @param about one line: which networks */
export function predictionPage(title: string, about: string, sections: readonly Html[]): string {
  return pageFrame(
    title,
    html`
      <p class="soft">${about}</p>
      ${sections}
      <footer class="soft">
        <p>The page shows small versions; click one for the file itself.</p>
      </footer>
    `,
  );
}
