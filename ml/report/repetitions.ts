/**
 * Settings that were trained with several seeds: means, their spread, and which differences from
 * SR4IR are larger than chance explains.
 *
 * @module
 */
import {
  compareMeans,
  type MeanDifference,
  summarize,
  type Summary,
} from "../../common/statistics.ts";
import type { SettingMetrics } from "../evaluation/evaluate_setting.ts";
import { InputError } from "../image/input_error.ts";
import type { SettingName } from "../train/setting_names.ts";
import { formatMetric, roundMetric } from "./glossary.ts";

/** What the others are compared with, as it is published. */
const BASELINE: SettingName = "sr4ir";

/** One setting, or variant of one, over its seeds. */
export interface Repeated {
  /** Of the first seed. */
  first: SettingMetrics;
  /** Null where it is not known. */
  seeds: (number | null)[];
  /** Of each seed; null where the metric has no meaning. By name. */
  values: Record<string, (number | null)[]>;
  /** Of the values that there are. */
  summaries: Record<string, Summary | undefined>;
  /** The main metric's from SR4IR at the same scale with the same network; absent without one. */
  difference?: MeanDifference;
}

/**
 * Puts repetitions together: evaluations with one label that differ in their seed.
 *
 * @param all in the order of the rows
 * @throws {InputError} if one label has a seed twice
 */
export function repeat(all: readonly SettingMetrics[]): Repeated[] {
  const groups = Map.groupBy(all, ({ label }) => label);
  const rows = [...groups.values()].map((group): Repeated => {
    const { label } = group[0];
    const seeds = group.map(({ seed }) => seed);
    const twice = seeds.find((seed, i) => seeds.indexOf(seed) < i);
    if (twice !== undefined) {
      throw new InputError(
        `Cannot average "${label}": it is there twice with seed ${
          seedName(twice)
        }; expected one training for each seed, and a variant that names what else differs`,
      );
    }
    const names = Object.keys(group[0].metrics);
    const values = Object.fromEntries(
      names.map((name) => [name, group.map(({ metrics }) => metrics[name] ?? null)]),
    );
    const summaries = Object.fromEntries(names.map((name) => {
      const known = values[name].filter((value) => value !== null);
      return [name, known.length === 0 ? undefined : summarize(known)];
    }));
    return { first: group[0], seeds, values, summaries };
  });
  return rows.map((row) => {
    const base = rows.find(({ first }) =>
      first.setting === BASELINE && first.variant === null && first.scale === row.first.scale &&
      (row.first.network === null || first.network === row.first.network)
    );
    const [own, other] = [row, base].map((one) => one?.summaries[row.first.mainMetric]);
    if (base === row || own === undefined || other === undefined) return row;
    return { ...row, difference: compareMeans(own, other) };
  });
}

/** A table as stages report it. */
export interface RepeatedTable {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
}

/**
 * One row a setting: the main metric with its spread, the difference from SR4IR with its interval,
 * and the means of other metrics.
 *
 * @param shown metrics besides the main one
 * @throws {InputError} if there is nothing, or a metric that no setting has
 */
export function repeatedTable(
  rows: readonly Repeated[],
  shown: readonly string[],
): RepeatedTable {
  if (rows.length === 0) throw new InputError("Cannot compare: there are no evaluated settings");
  const known = new Set(rows.flatMap(({ values }) => Object.keys(values)));
  const unknown = shown.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new InputError(
      `Cannot show the metric "${unknown}": no setting has it; there are ${[...known].join(", ")}`,
    );
  }
  const main = rows[0].first.mainMetric;
  const others = shown.filter((name) => name !== main);
  return {
    title: `${main} by setting, mean of ${seedsOf(rows)}`,
    columns: ["setting", main, "±", "from SR4IR", "95 %", "beyond chance", ...others],
    rows: rows.map(({ first, summaries, difference }) => [
      first.label,
      roundMetric(main, summaries[main]?.mean),
      roundMetric(main, summaries[main]?.deviation),
      difference === undefined ? null : signed(main, difference.difference),
      difference === undefined ? null : interval(main, difference),
      verdict(difference),
      ...others.map((name) => roundMetric(name, summaries[name]?.mean)),
    ]),
  };
}

/** For example `seeds 1, 2, 3`; where rows have others, how many there are. */
export function seedsOf(rows: readonly Repeated[]): string {
  const lists = [...new Set(rows.map(({ seeds }) => seedNames(seeds).join(", ")))];
  if (lists.length > 1) {
    return `${Math.min(...rows.map(({ seeds }) => seeds.length))} seeds or more`;
  }
  return `seed${lists[0].includes(",") ? "s" : ""} ${lists[0]}`;
}

/** Their names, rising; what is not known comes first. */
export function seedNames(seeds: readonly (number | null)[]): string[] {
  return seeds.toSorted((a, b) => (a ?? -1) - (b ?? -1)).map(seedName);
}

/** As tables write it. */
export function seedName(seed: number | null): string {
  return seed === null ? "unknown" : String(seed);
}

/** A difference with its sign, which one that rounds to nothing has not. */
export function signed(metric: string, value: number): string {
  const rounded = roundMetric(metric, value) ?? 0;
  const sign = rounded === 0 ? "" : rounded < 0 ? "−" : "+";
  return sign + formatMetric(metric, Math.abs(rounded));
}

/** The 95 % interval of a difference; a dash if a side has a single value. */
export function interval(metric: string, { difference, margin }: MeanDifference): string | null {
  if (margin === undefined) return null;
  return `${signed(metric, difference - margin)} … ${signed(metric, difference + margin)}`;
}

/** Whether chance leaves room for no difference; null if that is not known. */
export function verdict(difference: MeanDifference | undefined): "yes" | "no" | null {
  if (difference?.larger === undefined) return null;
  return difference.larger ? "yes" : "no";
}
