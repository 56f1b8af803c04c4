/**
 * What the metrics of pictures mean, in one line each, and how they are written.
 *
 * @module
 */

interface Meaning {
  text: string;
  /** Digits after the point: more would be noise. */
  decimals: number;
}

/** Metrics by name, in the order of the columns. The first one decides which network is best. */
const IMAGE_METRICS: Readonly<Record<string, Meaning>> = {
  "PSNR Y": {
    text: "Peak signal-to-noise ratio of the brightness (BT.601), in dB: how close the enlarged " +
      "pictures are to the originals, as benchmarks of super-resolution give it. More is better.",
    decimals: 2,
  },
  "PSNR RGB": { text: "PSNR over red, green and blue, in dB.", decimals: 2 },
  "SSIM Y": {
    text: "Structural similarity of the brightness, at most 1. More is better.",
    decimals: 4,
  },
  LPIPS: {
    text: "Distance in the features of a classifier, close to what people see. Less is better.",
    decimals: 4,
  },
  NIQE: {
    text: "How far the picture's statistics are from a natural one's, without the original. " +
      "Less is better.",
    decimals: 2,
  },
};

/** The metric that decides. */
export const MAIN = "PSNR Y";

/** All that some result has: the known ones in their order, then others. */
export function inColumns(names: Iterable<string>): string[] {
  const there = new Set(names);
  const known = Object.keys(IMAGE_METRICS);
  return [...known.filter((name) => there.has(name)), ...there.difference(new Set(known))];
}

/** What a metric is; undefined if that is not known here. */
export function meaningOf(name: string): string | undefined {
  return IMAGE_METRICS[name]?.text;
}

/** The value as tables hold it. */
export function roundValue(name: string, value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(formatValue(name, value));
}

/** The value as people read it: equal digits after the point, a dash for nothing. */
export function formatValue(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return value.toFixed(IMAGE_METRICS[name]?.decimals ?? 2);
}
