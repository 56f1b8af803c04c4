/**
 * What became of a file's weights, in words and as data.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { SIGNS } from "./families.ts";
import type { Match, Named, Pair } from "./match.ts";

/** A parameter whose tensor has another shape. */
export interface OtherShape {
  name: string;
  expected: number[];
  found: number[];
}

/** What became of every name of the file and of the network. */
export interface ImportReport {
  /** The number of names in each of the lists. */
  counts: Record<string, number>;
  /** Taken under the same name. */
  matched: string[];
  /** Taken under another. */
  renamed: { from: string; to: string; family: string }[];
  /** Last layers for another number of classes: left out. */
  other_classes: OtherShape[];
  /** Left out. */
  wrong_shape: OtherShape[];
  /** Follows from the network's options, and is the same in the file or for another size. */
  fixed: string[];
  /** Follows from the network's options, and is not the same in the file. */
  different: string[];
  /** Stays random. */
  missing: string[];
  /** Of no use to the network. */
  unexpected: string[];
  /** Counters and the like that nobody needs. */
  ignored: string[];
}

/** @param different of the fixed ones: names of those whose values differ */
export function reportOf(found: Match<Named>, different: readonly string[]): ImportReport {
  const names = (pairs: readonly Pair<Named>[]) => pairs.map(({ parameter }) => parameter.name);
  const lists = {
    matched: names(found.matched),
    renamed: found.renamed.map(({ tensor, parameter, family }) => ({
      from: tensor.name,
      to: parameter.name,
      family,
    })),
    other_classes: found.otherClasses.map(otherShape),
    wrong_shape: found.wrongShape.map(otherShape),
    fixed: names(found.fixed).filter((name) => !different.includes(name)),
    different: [...different],
    missing: found.missing.map(({ name }) => name),
    unexpected: found.unexpected.map(({ name }) => name),
    ignored: found.ignored.map(({ name }) => name),
  };
  const counts = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, list.length]),
  );
  return { counts, ...lists };
}

/** So many names are written out. */
const SHOWN = 10;

/** The report as lines: counts first, then names. */
export function reportLines(report: ImportReport, network: string): string[] {
  const { counts } = report;
  const taken = counts.matched + counts.renamed;
  const all = taken + counts.other_classes + counts.wrong_shape + counts.missing;
  const lines = [`${network}: ${taken} of ${all} tensors taken`];
  const say = (list: readonly string[], what: string) => {
    if (list.length > 0) lines.push(`${list.length} ${what}: ${some(list, SHOWN)}`);
  };
  say(report.renamed.map(({ from, to }) => `${from} as ${to}`), "renamed");
  say(report.other_classes.map(shapes), "of a last layer for other classes, left out");
  say(report.wrong_shape.map(shapes), "of another shape, left out");
  say(report.missing, "missing, left to chance");
  say(report.unexpected, "not of this network");
  say(report.different, "other than the network's options say");
  say(report.fixed, "that the network makes itself");
  return lines;
}

/**
 * @param strict everything must fit, in both directions
 * @throws {InputError} that names what does not, and a network that fits better
 */
export function checkReport(
  report: ImportReport,
  { file, network, options, names, strict }: {
    file: string;
    /** A file below `models`. */
    network: string;
    options: Record<string, unknown>;
    /** The file's. */
    names: readonly string[];
    strict: boolean;
  },
): void {
  const fail = (what: string, otherwise = ""): never => {
    const other = betterNetwork(names, network, options);
    throw new InputError(
      `Cannot import ${file} into ${network}: ${what}; ` +
        (other === undefined ? otherwise : `its names are those of ${other}`),
    );
  };
  const taken = report.matched.length + report.renamed.length;
  if (taken === 0) {
    fail(
      `none of its ${names.length} tensors fits (${some(names, FIRST)}), ` +
        `the network has ${some([...report.missing, ...report.wrong_shape.map(shapes)], FIRST)}`,
      "choose the network that the file is of",
    );
  }
  if (!strict) return;
  const faults = [
    [report.missing, "missing"],
    [report.wrong_shape.map(shapes), "of another shape"],
    [report.other_classes.map(shapes), "for another number of classes"],
    [report.different, "other than the options say"],
    [report.unexpected, "not of this network"],
  ] as const;
  const found = faults.filter(([list]) => list.length > 0);
  if (found.length === 0) return;
  const classes = report.other_classes.length > 0 && found.length === 1
    ? "set num_classes in network_options, or classes: file; "
    : "";
  fail(
    found.map(([list, what]) => `${list.length} ${what} (${some(list, FIRST)})`).join(", "),
    `${classes}strict: false takes what fits`,
  );
}

/** So many names are in an error. */
const FIRST = 3;

/** What the names say the network is, if it is another, or another form of the same. */
export function betterNetwork(
  names: readonly string[],
  network: string,
  options: Record<string, unknown>,
): string | undefined {
  const all = new Set(names);
  const fits = SIGNS.find(({ has, lacks }) =>
    has.every((name) => all.has(name)) && !lacks.some((name) => all.has(name))
  );
  if (fits === undefined) return undefined;
  const wanted = Object.entries(fits.options);
  if (fits.network === network && wanted.every(([key, value]) => options[key] === value)) {
    return undefined;
  }
  const settings = wanted.map(([key, value]) => `${key}: ${value}`).join(", ");
  return fits.network + (settings === "" ? "" : ` with ${settings}`);
}

function otherShape({ tensor, parameter }: Pair<Named>): OtherShape {
  return { name: parameter.name, expected: parameter.shape, found: tensor.shape };
}

function shapes({ name, expected, found }: OtherShape): string {
  return `${name} [${found}] for [${expected}]`;
}

function some(list: readonly string[], limit: number): string {
  const rest = list.length - limit;
  return list.slice(0, limit).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
