/**
 * Classes of pixels as colours.
 *
 * @module
 */
import type { Picture } from "../image/picture.ts";

/** RGB in 0 … 255. */
export type Colour = readonly [number, number, number];

/**
 * Pascal VOC's colour of a class: three bits of its number at a time become the next lower bit of
 * red, green and blue. So neighbours differ much, 0 is black and 255, void, a light yellow.
 *
 * Source: `VOClabelcolormap` of the VOC development kit; class 1 is (128, 0, 0), class 20
 * (0, 64, 128).
 *
 * @param label 0 … 255
 */
export function classColour(label: number): Colour {
  const colour: [number, number, number] = [0, 0, 0];
  for (let rest = label, bit = 7; rest > 0; rest >>= 3, bit--) {
    for (let channel = 0; channel < 3; channel++) {
      colour[channel] |= (rest >> channel & 1) << bit;
    }
  }
  return colour;
}

const PALETTE: readonly Colour[] = Array.from({ length: 256 }, (_, label) => classColour(label));

/** Paints every pixel in its class's colour. @param labels [height, width] in 0 … 255 */
export function paintClasses(labels: Uint8Array, width: number, height: number): Picture {
  const data = new Uint8Array(labels.length * 3);
  labels.forEach((label, i) => data.set(PALETTE[label], 3 * i));
  return { width, height, data };
}
