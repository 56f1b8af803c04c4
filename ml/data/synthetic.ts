/**
 * The embedded dataset: plates with letters on textured ground, made so that resolution matters.
 *
 * Plate, colour and place say nothing about the class; only the letter's strokes do, and they are
 * thinner than one pixel of the low-resolution image. One generator serves detection (boxes),
 * segmentation (masks) and classification (one object per picture).
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";
import type { Stream } from "../tensor/random.ts";
import {
  addValueNoise,
  around,
  type Canvas,
  type Colour,
  develop,
  newCanvas,
  paint,
  segmentDistance,
} from "./canvas.ts";
import { CLASSES } from "./letters.ts";
import { drawPlate, type PlateShape, SHAPES } from "./plate.ts";

/** One labelled plate. */
export interface SyntheticObject {
  /** Tight box of the plate, pixels: (x1, y1, x2, y2), the high ends exclusive. */
  box: [number, number, number, number];
  /** Index into the list of letters, from 0. */
  letter: number;
}

/** A picture and everything that is known of it. */
export interface SyntheticImage {
  picture: Picture;
  /** In the order they were drawn: a later plate may cover a corner of an earlier one. */
  objects: SyntheticObject[];
  /** [H, W] 0 on the background, otherwise the letter's index + 1. */
  mask: Uint8Array;
}

/** What a picture shows. */
export interface SyntheticOptions {
  /** Side, pixels. Background lengths scale with it, plates do not. */
  size?: number;
  /** How many plates with a letter: at least, at most. */
  objects?: readonly [number, number];
  /** How likely one plate without a letter joins them. */
  blankProbability?: number;
  /** The letters to choose from; `letter` is an index into this list. */
  letters?: readonly string[];
  /** Side of a plate, pixels: at least, at most. */
  plateSize?: readonly [number, number];
  /** Standard deviation of the grain. */
  grain?: number;
}

/** Draws one picture. All chance comes from `rng`, so give each picture a stream of its own. */
export function drawImage(rng: Stream, options: SyntheticOptions = {}): SyntheticImage {
  const {
    size = 96,
    objects: [fewest, most] = [3, 5],
    blankProbability = 0.3,
    letters = CLASSES,
    plateSize = [18, 28],
    grain = 0.03,
  } = options;
  const canvas = newCanvas(size, colourBetween(rng, .3, .7));
  drawGround(canvas, rng);
  const mask = new Uint8Array(size * size);
  const objects: SyntheticObject[] = [];
  const lettered = fewest + rng.integer(most - fewest + 1);
  const count = lettered + (rng.uniform() < blankProbability ? 1 : 0);
  for (const { x, y, plate } of place(rng, count, size, plateSize)) {
    // The blank one is placed last, so that it is the one left out where there is no room.
    const letter = plate.index < lettered ? rng.integer(letters.length) : undefined;
    const drawn = drawPlate(canvas, rng, {
      x,
      y,
      size: plate.size,
      shape: plate.shape,
      ...(letter === undefined ? {} : { letter: letters[letter] }),
    });
    for (const pixel of drawn.pixels) mask[pixel] = letter === undefined ? 0 : letter + 1;
    if (letter !== undefined) objects.push({ box: drawn.box, letter });
  }
  return { picture: develop(canvas, grain, rng), objects, mask };
}

function drawGround(canvas: Canvas, rng: Stream): void {
  addValueNoise(canvas, 3, .10, rng);
  addValueNoise(canvas, 12, .05, rng);
  for (const channel of [0, 1, 2]) addValueNoise(canvas, 3, .05, rng, [channel]);
  const discs = 2 + rng.integer(3);
  for (let i = 0; i < discs; i++) drawDisc(canvas, rng);
  const strokes = 4 + rng.integer(6);
  for (let i = 0; i < strokes; i++) drawStroke(canvas, rng);
}

/** A disc with stripes; those with a period below 8 pixels alias at a quarter of the resolution. */
function drawDisc(canvas: Canvas, rng: Stream): void {
  const { size } = canvas;
  const ramp = 3;
  const x0 = rng.between(0, size), y0 = rng.between(0, size);
  const radius = rng.between(.15, .4) * size;
  const [r, g, b] = colourBetween(rng, .2, .8);
  const opacity = rng.between(.3, .8);
  const direction = rng.between(0, 2 * Math.PI);
  const phase = rng.between(0, 2 * Math.PI);
  const wave = 2 * Math.PI / rng.between(5, 16);
  const dx = wave * Math.cos(direction), dy = wave * Math.sin(direction);
  const ink: [number, number, number] = [0, 0, 0];
  paint(
    canvas,
    around(canvas, x0, y0, radius + ramp),
    (x, y) => radius - Math.sqrt((x - x0) ** 2 + (y - y0) ** 2),
    (x, y) => {
      // The stripes keep their amplitude whatever the opacity of the disc.
      const stripe = .10 / opacity * Math.sin(x * dx + y * dy + phase);
      ink[0] = r + stripe;
      ink[1] = g + stripe;
      ink[2] = b + stripe;
      return ink;
    },
    opacity,
    ramp,
  );
}

function drawStroke(canvas: Canvas, rng: Stream): void {
  const { size } = canvas;
  const x1 = rng.between(0, size), y1 = rng.between(0, size);
  const reach = size / 4;
  const x2 = x1 + rng.between(-reach, reach), y2 = y1 + rng.between(-reach, reach);
  const width = rng.between(1, 3);
  const opacity = rng.between(.4, .9);
  const half = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)) / 2;
  paint(
    canvas,
    around(canvas, (x1 + x2) / 2, (y1 + y2) / 2, half + width),
    (x, y) => width / 2 - segmentDistance(x, y, x1, y1, x2, y2),
    colourBetween(rng, .1, .9),
    opacity,
  );
}

/** Where the plates go: apart from each other; one that finds no room in 30 tries is left out. */
function place(
  rng: Stream,
  count: number,
  size: number,
  [smallest, largest]: readonly [number, number],
) {
  const placed: {
    x: number;
    y: number;
    plate: { size: number; shape: PlateShape; index: number };
  }[] = [];
  for (let index = 0; index < count; index++) {
    const side = rng.between(smallest, largest);
    const shape = SHAPES[rng.integer(SHAPES.length)];
    for (let attempt = 0; attempt < 30; attempt++) {
      const x = rng.between(.55 * side, size - .55 * side);
      const y = rng.between(.55 * side, size - .55 * side);
      const free = placed.every((other) =>
        Math.hypot(x - other.x, y - other.y) > .55 * (side + other.plate.size)
      );
      if (!free) continue;
      placed.push({ x, y, plate: { size: side, shape, index } });
      break;
    }
  }
  return placed;
}

function colourBetween(rng: Stream, low: number, high: number): Colour {
  return [rng.between(low, high), rng.between(low, high), rng.between(low, high)];
}
