/**
 * Pictures side by side: a row for each image, a column for each version of it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Mark } from "../evaluation/scoring.ts";
import type { Evaluation, ShownImage } from "./evaluation_folder.ts";
import { ORACLE } from "./glossary.ts";
import { gridTable } from "./grid_table.ts";
import { type Html, html } from "./html.ts";

interface Column {
  heading: string;
  evaluation: Evaluation;
  file: "low" | "seen" | "original";
  marks: (image: ShownImage) => readonly Mark[];
  /** What lies over the picture. */
  map?: "truth" | "found";
}

/**
 * The images that the first evaluation has pictures of. Undefined if there are none.
 *
 * @param all at least one, in the order of the table
 */
export async function pictureGrid(all: readonly Evaluation[]): Promise<Html | undefined> {
  const images = all[0].pictures;
  if (images.length === 0) return undefined;
  const columns = columnsOf(all);
  const rows = [];
  for (const image of images) {
    const cells = await Promise.all(columns.map((column) => cell(column, image.name)));
    rows.push(html`
      <tr><th scope="row"><span>${image.name}</span></th>${cells}</tr>
    `);
  }
  return gridTable(columns.map(({ heading }) => heading), rows);
}

/** From the least to the most that a network could have seen, then what it should have found. */
function columnsOf(all: readonly Evaluation[]): Column[] {
  const isOracle = ({ metrics }: Evaluation) => metrics.setting === ORACLE;
  const settings = [...all.filter((one) => !isOracle(one)), ...all.filter(isOracle)];
  return [
    { heading: "LR", evaluation: settings[0], file: "low", marks: () => [] },
    ...settings.map((evaluation): Column => ({
      heading: evaluation.metrics.label,
      evaluation,
      file: "seen",
      marks: ({ found }) => found,
      map: "found",
    })),
    {
      heading: "truth",
      evaluation: all[0],
      file: "original",
      marks: ({ truth }) => truth,
      map: "truth",
    },
  ];
}

async function cell(
  { heading, evaluation, file, marks, map }: Column,
  name: string,
): Promise<Html> {
  const image = evaluation.pictures.find((one) => one.name === name);
  if (image === undefined) return html`<td>–</td>`;
  const { width, height } = image;
  const drawn = marks(image);
  const letters = width * (drawn.length > MANY ? SMALL : LARGE);
  const boxes = drawn.map((mark) => drawMark(mark, { width, letters }));
  const summary = summaryOf(drawn);
  const about = `${heading}, ${name}`;
  const source = await dataUri(`${evaluation.folder}/${image[file]}`);
  const over = map && image.maps && await dataUri(`${evaluation.folder}/${image.maps[map]}`);
  return html`
    <td>
      <figure tabindex="0">
        <svg class="${file}" role="img" aria-label="${about}: ${summary || "no marks"}"
          viewBox="0 0 ${width} ${height}">
          <image width="${width}" height="${height}" href="${source}" preserveAspectRatio="none" />
          ${over && html`
            <image class="map" width="${width}" height="${height}" href="${over}"
              preserveAspectRatio="none" />
          `}
          ${boxes}
        </svg>
        <figcaption data-of="${about}">${summary || NOTHING}</figcaption>
      </figure>
    </td>
  `;
}

/** Keeps the line's height. */
const NOTHING = "\u00a0";

/** Height of letters as a share of the picture's width, where there are few boxes and many. */
const LARGE = 1 / 14, SMALL = 1 / 26, MANY = 8;

/** A box in its colour on a dark edge, so that it shows on any ground; its name above or inside. */
function drawMark(
  { box: [x1, y1, x2, y2], label, score, kind }: Mark,
  { width, letters: size }: { width: number; letters: number },
): Html {
  const text = score === undefined ? label : `${label} ${score.toFixed(2)}`;
  // A guess that the letters are made to keep. Single ones may be wide, many are so on average.
  const length = text.length * size * (text.length < 3 ? 0.75 : 0.58);
  const pad = size * 0.15;
  const left = Math.max(0, Math.min(x1, width - length - 2 * pad));
  const top = y1 >= size ? y1 - size : y1;
  const [x, y, right, bottom, tagX, tagY, tagWidth, tagHeight, textX, textY, textLength] = [
    ...[x1, y1, x2, y2, left, top, length + 2 * pad, size],
    ...[left + pad, top + size * 0.85, length],
  ].map((value) => Number(value.toFixed(2)));
  const path = `M${x} ${y}H${right}V${bottom}H${x}Z`;
  return html`
    <g class="${kind}">
      <title>${kind}: ${text}</title>
      <path class="edge" d="${path}" />
      <path d="${path}" />
      <rect x="${tagX}" y="${tagY}" width="${tagWidth}" height="${tagHeight}" />
      <text x="${textX}" y="${textY}"
        font-size="${tagHeight}" textLength="${textLength}"
        lengthAdjust="spacingAndGlyphs">${text}</text>
    </g>
  `;
}

/** E.g. `3 of 4 right, 1 wrong`; nothing where nothing was looked for. */
function summaryOf(marks: readonly Mark[]): string {
  const count = (kind: Mark["kind"]) => marks.filter((mark) => mark.kind === kind).length;
  const [right, wrong, missed] = [count("right"), count("wrong"), count("missed")];
  return [
    right + missed > 0 && `${right} of ${right + missed} right`,
    wrong > 0 && `${wrong} wrong`,
  ].filter(Boolean).join(", ");
}

async function dataUri(file: string): Promise<string> {
  const kind = file.endsWith(".webp") ? "webp" : "png";
  const bytes = await Deno.readFile(file);
  return `data:image/${kind};base64,${Buffer.from(bytes).toString("base64")}`;
}
