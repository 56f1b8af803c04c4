/**
 * Loss curves: a few hundred points of a training, kept through interruptions and shown in reports.
 *
 * @module
 */

import { replaceFile } from "./whole_file.ts";

/** Name of a loss → points (iteration, value), iterations rising. */
export type Curves = Record<string, [iteration: number, value: number][]>;

const FILE = "curves.json";
/** Figures of a value: more than a chart can show. */
const FIGURES = 5;

/** Adds a point to each loss's curve. */
export function addToCurves(
  curves: Curves,
  iteration: number,
  values: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    (curves[name] ??= []).push([iteration, Number(value.toPrecision(FIGURES))]);
  }
}

/** Writes `curves.json`; an older one stays whole until it is replaced. */
export async function writeCurves(folder: string, curves: Curves): Promise<void> {
  await replaceFile(
    `${folder}/${FILE}`,
    (file) => Deno.writeTextFile(file, JSON.stringify(curves) + "\n"),
  );
}

/**
 * Reads `curves.json`; a folder without one has no curves.
 *
 * @param until points of later iterations are left out
 */
export async function readCurves(folder: string, until: number = Infinity): Promise<Curves> {
  let text;
  try {
    text = await Deno.readTextFile(`${folder}/${FILE}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  const curves: Curves = JSON.parse(text);
  return Object.fromEntries(
    Object.entries(curves)
      .map(([name, points]) => [name, points.filter(([iteration]) => iteration <= until)] as const)
      .filter(([, points]) => points.length > 0),
  );
}
