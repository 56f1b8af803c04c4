/**
 * Boxes, names and rows of pictures: what reports show. Nothing here changes its input.
 *
 * @module
 */
import { FONT_HEIGHT, signsOf, textWidth } from "./font.ts";
import { blankPicture, type Picture } from "./picture.ts";

/** RGB in 0 … 255. */
export type Ink = readonly [number, number, number];

/** One box to draw. */
export interface Mark {
  /** x1, y1, x2, y2 in pixels. */
  box: ArrayLike<number>;
  /** Written above the box, or inside it where there is no room above. */
  text?: string;
  ink?: Ink;
}

const YELLOW: Ink = [255, 220, 0];
const WHITE: Ink = [255, 255, 255];
const BLACK: Ink = [0, 0, 0];

/** Pixels of a dot of ink that suits a picture: letters are five dots high. */
export function inkSize({ width }: Pick<Picture, "width">): number {
  return Math.max(1, Math.round(width / 240));
}

/**
 * The picture with boxes and their names on it.
 *
 * @param size width of lines and of the dots of letters, pixels
 */
export function drawMarks(picture: Picture, marks: readonly Mark[], size = 1): Picture {
  const drawn = copy(picture);
  for (const { box, text, ink = YELLOW } of marks) {
    const x1 = Math.round(box[0]), y1 = Math.round(box[1]);
    const x2 = Math.round(box[2]), y2 = Math.round(box[3]);
    fill(drawn, x1, y1, x2, y1 + size, ink);
    fill(drawn, x1, y2 - size, x2, y2, ink);
    fill(drawn, x1, y1, x1 + size, y2, ink);
    fill(drawn, x2 - size, y1, x2, y2, ink);
    if (text === undefined || text === "") continue;
    const height = (FONT_HEIGHT + 2) * size;
    const top = y1 >= height ? y1 - height : y1 + size;
    fill(drawn, x1, top, x1 + (textWidth(text) + 2) * size, top + height, ink);
    write(drawn, x1 + size, top + size, text, luminance(ink) > 128 ? BLACK : WHITE, size);
  }
  return drawn;
}

/** One line of a legend or a bar chart. */
export interface Bar {
  text: string;
  /** Length of the bar in [0, 1]. */
  share: number;
  ink: Ink;
}

/**
 * The picture on a white ground, and below it a line for each bar: its name, then the bar.
 *
 * @param size of the dots of letters, pixels
 */
export function drawBars(picture: Picture, bars: readonly Bar[], size = 1): Picture {
  const gap = 2 * size;
  const line = FONT_HEIGHT * size + gap;
  const names = bars.map(({ text, share }) => `${text} ${(100 * share).toFixed(0)}%`);
  const start = Math.max(...names.map(textWidth)) * size + 2 * gap;
  const width = Math.max(picture.width, start + 40 * size);
  const sheet = blankPicture(width, picture.height + gap + line * bars.length, WHITE);
  paste(sheet, picture, 0, 0);
  bars.forEach(({ share, ink }, i) => {
    const y = picture.height + gap + line * i;
    write(sheet, gap, y, names[i], BLACK, size);
    // However small a share is, its colour is a legend's.
    const length = Math.max(gap, Math.round((width - start - gap) * share));
    fill(sheet, start, y, start + length, y + line - gap, ink);
  });
  return sheet;
}

/** Every pixel as a block of factor x factor. */
export function enlarge({ width, height, data }: Picture, factor: number): Picture {
  const large = blankPicture(width * factor, height * factor);
  for (let y = 0; y < large.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < large.width; x++) {
      const from = (row + Math.floor(x / factor)) * 3;
      large.data.set(data.subarray(from, from + 3), (y * large.width + x) * 3);
    }
  }
  return large;
}

/**
 * Pictures in rows from left to right on a white ground, each with an optional caption above it.
 *
 * @param rows pictures of any size; columns are as wide as their widest picture
 * @param captions one for each column
 */
export function contactSheet(
  rows: readonly (readonly Picture[])[],
  { gap = 2, captions = [] }: { gap?: number; captions?: readonly string[] } = {},
): Picture {
  const columns = Math.max(captions.length, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      column < captions.length ? textWidth(captions[column]) : 0,
      ...rows.map((row) => row[column]?.width ?? 0),
    ));
  const heights = rows.map((row) => Math.max(0, ...row.map(({ height }) => height)));
  const head = captions.length > 0 ? FONT_HEIGHT + gap : 0;
  const sheet = blankPicture(
    gap + widths.reduce((sum, width) => sum + width + gap, 0),
    gap + head + heights.reduce((sum, height) => sum + height + gap, 0),
    WHITE,
  );
  let x = gap;
  widths.forEach((width, column) => {
    if (column < captions.length) write(sheet, x, gap, captions[column], BLACK);
    let y = gap + head;
    rows.forEach((row, r) => {
      const picture = row[column];
      if (picture !== undefined) paste(sheet, picture, x, y);
      y += heights[r] + gap;
    });
    x += width + gap;
  });
  return sheet;
}

function copy({ width, height, data }: Picture): Picture {
  return { width, height, data: data.slice() };
}

/** Puts a picture on another; it must fit. */
function paste(onto: Picture, { width, height, data }: Picture, x: number, y: number): void {
  for (let row = 0; row < height; row++) {
    const from = row * width * 3;
    onto.data.set(data.subarray(from, from + width * 3), ((y + row) * onto.width + x) * 3);
  }
}

/** Fills a rectangle as far as it lies on the picture; the high ends are exclusive. */
function fill(on: Picture, x1: number, y1: number, x2: number, y2: number, ink: Ink): void {
  for (let y = Math.max(0, y1); y < Math.min(on.height, y2); y++) {
    for (let x = Math.max(0, x1); x < Math.min(on.width, x2); x++) {
      on.data.set(ink, (y * on.width + x) * 3);
    }
  }
}

function write(on: Picture, x: number, y: number, text: string, ink: Ink, size = 1): void {
  let left = x;
  for (const rows of signsOf(text)) {
    rows.forEach((row, dy) => {
      [...row].forEach((dot, dx) => {
        const [x1, y1] = [left + dx * size, y + dy * size];
        if (dot === "#") fill(on, x1, y1, x1 + size, y1 + size, ink);
      });
    });
    left += (rows[0].length + 1) * size;
  }
}

function luminance([r, g, b]: Ink): number {
  return .299 * r + .587 * g + .114 * b;
}
