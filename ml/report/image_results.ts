/**
 * Super-resolution alone: networks beside bicubic enlargement, for each set of pictures and scale.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { formatValue, inColumns, MAIN, roundValue } from "./image_glossary.ts";

/** A picture that was measured and kept, with the files that show it. */
export interface ShownPicture {
  name: string;
  /** Pixels of the original. */
  width: number;
  /** Pixels. */
  height: number;
  /** The low-resolution picture. This and the next two are paths inside the folder. */
  low: string;
  /** The enlarged one. */
  enlarged: string;
  original: string;
  metrics: Record<string, number | null>;
}

/** One way to enlarge the pictures of one set by one scale, and how well it does. */
export interface ImageResult {
  /** Holds the files of `pictures`. */
  folder: string;
  /** What the pictures are called. */
  set: string;
  scale: number;
  /** How the low-resolution pictures were made. */
  degradation: string;
  /** The network; null: bicubic. */
  network: string | null;
  /** Number of pictures. */
  images: number;
  /** Means over the pictures. */
  metrics: Record<string, number | null>;
  pictures: ShownPicture[];
}

/** Results that may be compared: of the same pictures at the same scale. */
export interface Group {
  set: string;
  scale: number;
  degradation: string;
  images: number;
  /** Bicubic first, then networks by name. */
  results: ImageResult[];
  /** Place of the best one. */
  best: number | undefined;
}

/** How a result is called within its group. */
export function methodOf({ network }: ImageResult): string {
  return network ?? "bicubic";
}

/**
 * Results by set, in the order in which sets first come, then by scale.
 *
 * @throws {InputError} if there are none, or one way to enlarge is there twice
 */
export function groupResults(all: readonly ImageResult[]): Group[] {
  if (all.length === 0) throw new InputError("Cannot compare: no pictures have been measured");
  const sets = [...new Set(all.map(({ set }) => set))];
  const byPlace = Map.groupBy(
    all,
    ({ set, scale, degradation }) => JSON.stringify([sets.indexOf(set), scale, degradation]),
  );
  const groups = [...byPlace.values()].map((members): Group => {
    const { set, scale, degradation, images } = members[0];
    const results = members.toSorted((a, b) =>
      Number(a.network !== null) - Number(b.network !== null) ||
      (methodOf(a) < methodOf(b) ? -1 : 1)
    );
    const methods = results.map(methodOf);
    const twice = methods.find((method, i) => methods.indexOf(method) < i);
    if (twice !== undefined) {
      throw new InputError(`Cannot compare: ${twice} is there twice for ${set} at x${scale}`);
    }
    return { set, scale, degradation, images, results, best: bestOf(results) };
  });
  return groups.sort((a, b) => sets.indexOf(a.set) - sets.indexOf(b.set) || a.scale - b.scale);
}

function bestOf(results: readonly ImageResult[]): number | undefined {
  const value = (i: number) => results[i].metrics[MAIN] ?? -Infinity;
  const order = [...results.keys()].sort((a, b) => value(b) - value(a));
  return value(order[0]) > -Infinity ? order[0] : undefined;
}

/** By how many dB a result is above bicubic, rounded as the table is; null if that is not known. */
export function gainOf({ results }: Group, result: ImageResult): number | null {
  const bicubic = results.find(({ network }) => network === null);
  const [value, than] = [result, bicubic].map((one) => roundValue(MAIN, one?.metrics[MAIN]));
  if (result === bicubic || value === null || than === null) return null;
  return Number((value - than).toFixed(2));
}

/** A table of numbers. */
export interface ImageTable {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
  /** Which rows are the best of their group. */
  best: number[];
}

/** Heading of the column that says how much better than bicubic a network is. */
export const GAIN = "gain";

/** One row a result. */
export function tableOf(groups: readonly Group[]): ImageTable {
  const results = groups.flatMap((group) => group.results.map((result) => ({ group, result })));
  const metrics = inColumns(results.flatMap(({ result }) => Object.keys(result.metrics)));
  const [main, ...others] = metrics;
  return {
    title: "Enlarged pictures against their originals",
    columns: ["pictures", "scale", "enlarged by", main, GAIN, ...others],
    rows: results.map(({ group, result }) => [
      group.set,
      `x${group.scale}`,
      methodOf(result),
      roundValue(main, result.metrics[main]),
      gainOf(group, result),
      ...others.map((name) => roundValue(name, result.metrics[name])),
    ]),
    best: results.flatMap(({ group, result }, row) =>
      group.best !== undefined && group.results[group.best] === result ? [row] : []
    ),
  };
}

/** A cell as people read it. */
export function formatCell(column: string, value: string | number | null): string {
  if (typeof value === "string") return value;
  if (column !== GAIN) return formatValue(column, value);
  return value === null ? "–" : `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
