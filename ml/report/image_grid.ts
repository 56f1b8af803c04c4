/**
 * Enlarged pictures side by side: whole, and the part in which bicubic enlargement loses most.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { decode, pngBytes, webpBytes } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";
import { gridTable } from "./grid_table.ts";
import { type Html, html } from "./html.ts";
import { formatValue, MAIN } from "./image_glossary.ts";
import { type Group, type ImageResult, methodOf, type ShownPicture } from "./image_results.ts";
import { cut, tellingWindow, type Window } from "./telling_window.ts";

/** CSS that the grids need besides the page's. */
export const GRID_STYLE = `
.grid figure { width: 190px; }
.grid figure:focus { width: min(92vw, 80vh); }
.grid .frame { fill: none; stroke: #ffd84a; stroke-width: 2px; vector-effect: non-scaling-stroke; }
.grid .detail image, .grid .low use { image-rendering: pixelated; }
`;

interface Column {
  heading: string;
  result: ImageResult;
  file: "low" | "enlarged" | "original";
}

/** Pictures with more pixels than this take several times less room as lossy WebP. */
const LARGEST_PNG = 256 * 256;

/** Each picture is in the page once: what shows it again refers to the first. */
export interface Shelf {
  /** The picture as `<image>` or `<use>`, as wide and high as said. */
  place(picture: Picture, size: { width: number; height: number }): Promise<Html>;
}

/** A shelf for one page. */
export function shelf(): Shelf {
  const known = new Map<string, string>();
  return {
    async place(picture, { width, height }) {
      const small = picture.width * picture.height <= LARGEST_PNG;
      const bytes = await (small ? pngBytes : webpBytes)(picture);
      const source = `data:image/${small ? "png" : "webp"};base64,` +
        Buffer.from(bytes).toString("base64");
      const id = known.get(source);
      if (id !== undefined) return html`<use href="#${id}" />`;
      const fresh = `p${known.size}`;
      known.set(source, fresh);
      return html`
        <image id="${fresh}" width="${width}" height="${height}" href="${source}"
          preserveAspectRatio="none" />
      `;
    },
  };
}

/** The pictures that the first result of a group has. Undefined if there are none. */
export async function imageGrid(group: Group, shelf: Shelf): Promise<Html | undefined> {
  const { pictures } = group.results[0];
  if (pictures.length === 0) return undefined;
  const columns = columnsOf(group);
  const rows: Html[] = [];
  for (const picture of pictures) rows.push(await pictureRows(picture, columns, shelf));
  return gridTable(columns.map(({ heading }) => heading), rows);
}

/** From the least to the most that can be seen. */
function columnsOf({ results }: Group): Column[] {
  return [
    { heading: "LR", result: results[0], file: "low" },
    ...results.map((result): Column => ({ heading: methodOf(result), result, file: "enlarged" })),
    { heading: "original", result: results[0], file: "original" },
  ];
}

/** The whole pictures, and below them the detail. */
async function pictureRows(
  { name, ...files }: ShownPicture,
  columns: readonly Column[],
  shelf: Shelf,
): Promise<Html> {
  const { folder } = columns[0].result;
  const window = tellingWindow(
    await decode(`${folder}/${files.enlarged}`),
    await decode(`${folder}/${files.original}`),
  );
  const cells: { whole: Html; detail: Html }[] = [];
  for (const column of columns) cells.push(await cellsOf(column, name, window, shelf));
  return html`
    <tr><th scope="row" rowspan="2"><span>${name}</span></th>${cells.map((
      { whole },
    ) => whole)}</tr>
    <tr>${cells.map(({ detail }) => detail)}</tr>
  `;
}

async function cellsOf(
  { heading, result, file }: Column,
  name: string,
  window: Window,
  shelf: Shelf,
): Promise<{ whole: Html; detail: Html }> {
  const shown = result.pictures.find((one) => one.name === name);
  if (shown === undefined) return { whole: html`<td>–</td>`, detail: html`<td>–</td>` };
  const picture = await decode(`${result.folder}/${shown[file]}`);
  const { width, height } = shown;
  const { x, y, size } = window;
  const about = `${heading}, ${name}`;
  const value = file === "enlarged" && `${formatValue(MAIN, shown.metrics[MAIN])} dB`;
  // Of a large picture the page has a lossy copy; the detail is exact. Pixels of the small one need
  // not begin where the window does.
  const detail = file === "low"
    ? { box: `${x} ${y} ${size} ${size}`, image: await shelf.place(picture, shown) }
    : {
      box: `0 0 ${size} ${size}`,
      image: await shelf.place(cut(picture, window), { width: size, height: size }),
    };
  return {
    whole: html`
      <td>
        <figure tabindex="0">
          <svg class="${file}" role="img" aria-label="${about}"
            viewBox="0 0 ${width} ${height}">
            ${await shelf.place(picture, shown)}
            <rect class="frame" x="${x}" y="${y}" width="${size}" height="${size}" />
          </svg>
          <figcaption data-of="${about}">${value || NOTHING}</figcaption>
        </figure>
      </td>
    `,
    detail: html`
      <td>
        <figure tabindex="0">
          <svg class="${file} detail" role="img" aria-label="${about}, detail"
            viewBox="${detail.box}">${detail.image}</svg>
          <figcaption data-of="${about}">detail</figcaption>
        </figure>
      </td>
    `,
  };
}

/** Keeps the line's height. */
const NOTHING = "\u00a0";
