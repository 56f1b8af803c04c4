/**
 * One plate with its letter.
 *
 * @module
 */
import type { Stream } from "../tensor/random.ts";
import { around, type Canvas, type Colour, paint, segmentDistance } from "./canvas.ts";
import { LETTERS } from "./letters.ts";

/** Outlines of plates; they are independent of the letter. */
export const SHAPES = ["disc", "square", "octagon"] as const;
/** Outline of a plate. */
export type PlateShape = (typeof SHAPES)[number];

/** A plate to draw. */
export interface Plate {
  /** Centre, pixels. */
  x: number;
  /** Centre, pixels. */
  y: number;
  /** Diameter or side, pixels. */
  size: number;
  shape: PlateShape;
  /** Left out: a blank plate. */
  letter?: string;
}

/** Which pixels a plate covers by more than half. */
export interface DrawnPlate {
  /** (x1, y1, x2, y2), pixels, the high ends exclusive. */
  box: [number, number, number, number];
  /** Positions y · size + x. */
  pixels: number[];
}

/** Draws a plate, slightly turned, in random colours. */
export function drawPlate(canvas: Canvas, rng: Stream, plate: Plate): DrawnPlate {
  const { x: x0, y: y0, size, shape } = plate;
  const angle = rng.between(-8, 8) * Math.PI / 180;
  const cos = Math.cos(angle), sin = Math.sin(angle);
  /** Position on the plate: right and down from its centre, pixels. */
  const u = (x: number, y: number) => cos * (x - x0) + sin * (y - y0);
  const v = (x: number, y: number) => cos * (y - y0) - sin * (x - x0);
  const inside = (x: number, y: number) => size / 2 - extent(shape, u(x, y), v(x, y));
  // A turned square reaches 0.566 of its side.
  const window = around(canvas, x0, y0, .57 * size + 1);
  const base = tint(() => rng.between(.25, .75));
  paint(canvas, window, inside, base);

  if (plate.letter !== undefined) {
    const strokeWidth = size * rng.between(.085, .11);
    const w = .58 * size * rng.between(.85, 1.05);
    const h = .58 * size * rng.between(.95, 1.1);
    const strokes = segments(plate.letter, w, h);
    paint(
      canvas,
      around(canvas, x0, y0, .5 * Math.hypot(w, h) + strokeWidth),
      (x, y) => {
        const px = u(x, y), py = v(x, y);
        let nearest = Infinity;
        for (let i = 0; i < strokes.length; i += 4) {
          const distance = segmentDistance(
            px,
            py,
            strokes[i],
            strokes[i + 1],
            strokes[i + 2],
            strokes[i + 3],
          );
          if (distance < nearest) nearest = distance;
        }
        return strokeWidth / 2 - nearest;
      },
      letterColour(base, rng),
    );
  }
  return covered(canvas, window, inside);
}

/** How far a point lies from the centre in the metric whose balls have the plate's outline. */
function extent(shape: PlateShape, u: number, v: number): number {
  switch (shape) {
    case "disc":
      return Math.sqrt(u * u + v * v);
    case "square":
      return Math.max(Math.abs(u), Math.abs(v));
    case "octagon":
      return Math.max(Math.abs(u), Math.abs(v), .72 * (Math.abs(u) + Math.abs(v)));
  }
}

/** The straight parts of a letter w wide and h high, (x1, y1, x2, y2) from the plate's centre. */
function segments(letter: string, w: number, h: number): Float64Array {
  const points = LETTERS[letter].flatMap((line) =>
    line.slice(1).flatMap((end, i) => [...line[i], ...end])
  );
  return Float64Array.from(points, (value, i) => (value - .5) * (i % 2 === 0 ? w : h));
}

/** Lighter than a dark plate, darker than a light one, now and then the other way round. */
function letterColour(base: Colour, rng: Stream): Colour {
  const dark = (base[0] + base[1] + base[2]) / 3 < .5;
  const reversed = rng.uniform() < .3;
  const contrast = (dark === reversed ? -1 : 1) * rng.between(.15, .35);
  return tint((c) => base[c] + contrast + rng.between(-.08, .08));
}

function tint(channel: (c: number) => number): Colour {
  return [channel(0), channel(1), channel(2)];
}

function covered(
  { size }: Canvas,
  { x1, y1, x2, y2 }: { x1: number; y1: number; x2: number; y2: number },
  inside: (x: number, y: number) => number,
): DrawnPlate {
  const pixels: number[] = [];
  const box: DrawnPlate["box"] = [size, size, 0, 0];
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      if (inside(x + .5, y + .5) <= 0) continue; // coverage of one half
      pixels.push(y * size + x);
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
    }
  }
  return { box, pixels };
}
