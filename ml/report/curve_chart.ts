/**
 * Losses over a training as SVG, on a logarithmic scale.
 *
 * @module
 */
import type { Curves } from "../train/curves.ts";
import { type Html, html } from "./html.ts";

const WIDTH = 320, HEIGHT = 190;
const LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 22;
/** Points that one point of the smooth line is the mean of, at most. */
const WINDOW = 11;
/** Lines get the classes c0, c1, …, as many as the style sheet has colours for. */
const COLOURS = 6;

type Range = readonly [low: number, high: number];

/** The smallest and the largest positive value of all curves, as powers of ten around them. */
export function rangeOf(all: readonly Curves[]): Range | undefined {
  const values = all.flatMap((curves) => Object.values(curves))
    .flatMap((points) => smooth(points).map(([, value]) => value))
    .filter((value) => value > 0);
  if (values.length === 0) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return [low, Math.max(high, low * 2)];
}

/** The class of a loss's line, and of its entry in a legend. */
export function lineClass(names: readonly string[], name: string): string {
  return `c${names.indexOf(name) % COLOURS}`;
}

/**
 * One training's curves.
 *
 * @param names all losses of the report, so that a loss has one colour everywhere
 * @param range of values, so that charts can be compared
 */
export function curveChart(
  title: string,
  curves: Curves,
  { names, range: [low, high] }: { names: readonly string[]; range: Range },
): Html {
  const last = Math.max(...Object.values(curves).map((points) => points.at(-1)?.[0] ?? 1));
  const x = (iteration: number) => LEFT + (WIDTH - LEFT - RIGHT) * iteration / last;
  const y = (value: number) => {
    const share = Math.log(Math.max(value, low) / low) / Math.log(high / low);
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(share, 1);
  };
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([at, value], i) =>
      `${i === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
    )
      .join("");
  return html`
    <svg class="curves" role="img" aria-label="Losses of ${title}"
      viewBox="0 0 ${WIDTH} ${HEIGHT}">${ticks([low, high]).map((value) =>
        html`
          <line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value)
            .toFixed(1)}" />
          <text x="${LEFT - 5}" y="${y(value).toFixed(1)}" text-anchor="end"
            dominant-baseline="central">${value}</text>
        `
      )}
    <text x="${LEFT}" y="${HEIGHT - 5}">0</text>
    <text x="${WIDTH - RIGHT}" y="${HEIGHT - 5}" text-anchor="end">${last} iterations</text>${Object
      .entries(curves).map(([name, points]) =>
        html`
          <path class="raw ${lineClass(names, name)}" d="${path(points)}" />
          <path class="${lineClass(names, name)}" d="${path(smooth(points))}">
            <title>${name}</title>
          </path>
        `
      )}
    </svg>
  `;
}

/** Each point as the mean of its neighbours; near the ends of as many as there are on both sides. */
function smooth(points: Curves[string]): [number, number][] {
  return points.map(([iteration], i) => {
    const half = Math.min(i, points.length - 1 - i, (WINDOW - 1) / 2);
    const near = points.slice(i - half, i + half + 1);
    return [iteration, near.reduce((sum, [, value]) => sum + value, 0) / near.length];
  });
}

/** 1, 2 and 5 times powers of ten; only the powers where those would be too many. */
function ticks([low, high]: Range): number[] {
  const all: number[] = [];
  const factors = high / low > 50 ? [1] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(1));
      if (value >= low && value <= high) all.push(value);
    }
  }
  return all;
}
