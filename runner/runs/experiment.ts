/**
 * Runs of an experiment side by side: the params in which they differ, their metrics, and over
 * several seeds means and whether they differ by more than chance.
 *
 * @module
 */
import { flatten } from "../plan/differences.ts";
import { canonicalJson } from "../store/digest.ts";
import type { RunRecord } from "./run_record.ts";
import {
  compareMeans,
  type MeanDifference,
  summarize,
  type Summary,
} from "../../common/statistics.ts";

/** One metric of one stage. */
export interface MetricName {
  stage: string;
  /** What the stage uses: stages that use the same are worth comparing. */
  uses: string;
  name: string;
}

/** One run, by what tells it from the others. */
export interface ExperimentRun {
  id: string;
  startedAt: string;
  status: RunRecord["status"];
  file: string;
  /** Those that differ between runs, by dotted names; one that a run does not have is absent. */
  params: Record<string, unknown>;
  /** By stage, then by name. */
  metrics: Record<string, Record<string, number | null>>;
}

/** Runs that differ in nothing but seeds. */
export interface ExperimentGroup {
  /** Their params that differ between groups. */
  params: Record<string, unknown>;
  runs: string[];
  metrics: (MetricName & Summary)[];
}

/** The highest mean against each of the others. */
export interface Comparison {
  /** `params`: one metric in several groups. `stages`: one metric of several stages in a group. */
  between: "params" | "stages";
  /** Where they are compared: of which stage, or in which group. */
  within: { stage: string } | { params: Record<string, unknown> };
  metric: string;
  highest: Compared;
  /** By their mean, highest first. */
  others: (Compared & MeanDifference)[];
}

/** One side of a comparison: a group by its params, or a stage. */
export type Compared = Summary & ({ params: Record<string, unknown> } | { stage: string });

/** The whole table. */
export interface Experiment {
  format: 1;
  /** Names of the params that differ. */
  params: string[];
  metrics: MetricName[];
  /** Oldest first. */
  runs: ExperimentRun[];
  /** Present if runs differ in their seeds. */
  groups?: ExperimentGroup[];
  comparisons?: Comparison[];
}

/** Puts runs side by side. @param wanted names of metrics; undefined for all */
export function makeExperiment(records: RunRecord[], wanted?: string[]): Experiment {
  const flat = records.map(({ params }) => flatten(params));
  const params = differingNames(flat);
  const runs = records.map((record, i) => describeRun(record, flat[i], params, wanted));
  runs.sort((a, b) => a.id < b.id ? -1 : 1);
  const metrics = metricNames(records, wanted);
  const experiment: Experiment = { format: 1, params, metrics, runs };
  if (!params.some(isSeed)) return experiment;
  const groups = groupRuns(runs, metrics);
  return { ...experiment, groups, comparisons: compareAll(groups) };
}

/** Of runs with equal params the newest, or the newest that came to its end. */
export function newestOfEach(records: RunRecord[]): RunRecord[] {
  const groups = Map.groupBy(records, ({ file, params }) => canonicalJson({ file, params }));
  return [...groups.values()].map((equals) => {
    const newest = equals.toSorted((a, b) => a.id < b.id ? 1 : -1);
    return newest.find(({ status }) => status === "ok") ?? newest[0];
  });
}

function differingNames(params: Record<string, unknown>[]): string[] {
  const names = [...new Set(params.flatMap((each) => Object.keys(each)))];
  return names.filter((name) => new Set(params.map((each) => textOf(each[name]))).size > 1);
}

/** `seed`, or that of an include: `det.seed`. */
function isSeed(name: string): boolean {
  return name.split(".").at(-1) === "seed";
}

function textOf(value: unknown): string {
  return value === undefined ? "" : canonicalJson(value);
}

function describeRun(
  { id, startedAt, status, file, stages }: RunRecord,
  values: Record<string, unknown>,
  names: string[],
  wanted: string[] | undefined,
): ExperimentRun {
  const params = pick(values, (name) => names.includes(name));
  const metrics = stages.flatMap((stage) => {
    const kept = pick(stage.metrics, (name) => wanted?.includes(name) ?? true);
    const ids = Object.keys(kept).length === 0 ? [] : [stage.id, ...stage.aliases];
    return ids.map((id): [string, typeof kept] => [id, kept]);
  });
  return { id, startedAt, status, file, params, metrics: Object.fromEntries(metrics) };
}

function pick<V>(from: Record<string, V>, isWanted: (name: string) => boolean): Record<string, V> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => isWanted(name)));
}

/**
 * In the order in which stages and metrics first appear. What only ever stood under the name of an
 * equal stage would be compared with itself.
 */
function metricNames(records: RunRecord[], wanted: string[] | undefined): MetricName[] {
  const found = new Map<string, MetricName>();
  for (const { id, uses, metrics } of records.flatMap(({ stages }) => stages)) {
    for (const name of Object.keys(metrics)) {
      if (!(wanted?.includes(name) ?? true)) continue;
      found.set(JSON.stringify([id, name]), { stage: id, uses, name });
    }
  }
  return [...found.values()];
}

function groupRuns(runs: ExperimentRun[], metrics: MetricName[]): ExperimentGroup[] {
  const others = (run: ExperimentRun) => pick(run.params, (name) => !isSeed(name));
  const groups = Map.groupBy(runs, (run) => canonicalJson({ file: run.file, ...others(run) }));
  return [...groups.values()].map((members) => {
    // A run again with the same seed is no other sample: the last one counts.
    const samples = [...new Map(members.map((run) => [textOf(run.params), run])).values()];
    return {
      params: others(members[0]),
      runs: samples.map(({ id }) => id),
      metrics: metrics.flatMap((metric) => {
        const values = samples.map((run) => run.metrics[metric.stage]?.[metric.name])
          .filter((value) => typeof value === "number");
        return values.length === 0 ? [] : [{ ...metric, ...summarize(values) }];
      }),
    };
  });
}

function compareAll(groups: ExperimentGroup[]): Comparison[] {
  const found: Comparison[] = [];
  const all = groups.flatMap(({ params, metrics }) =>
    metrics.map((metric) => ({ params, ...metric }))
  );
  for (const same of Map.groupBy(all, ({ stage, name }) => `${stage} ${name}`).values()) {
    const [{ stage, name }] = same;
    const sides = same.map(({ params, n, mean, deviation }) => ({
      params,
      ...summaryOf({ n, mean, deviation }),
    }));
    found.push(...compare("params", { stage }, name, sides));
  }
  for (const { params, metrics } of groups) {
    for (const same of Map.groupBy(metrics, ({ uses, name }) => `${uses} ${name}`).values()) {
      const sides = same.map(({ stage, n, mean, deviation }) => ({
        stage,
        ...summaryOf({ n, mean, deviation }),
      }));
      found.push(...compare("stages", { params }, same[0].name, sides));
    }
  }
  return found;
}

function summaryOf(
  { n, mean, deviation }: { n: number; mean: number; deviation: number | undefined },
): Summary {
  return { n, mean, ...(deviation !== undefined && { deviation }) };
}

/** Nothing to say of one alone. */
function compare(
  between: Comparison["between"],
  within: Comparison["within"],
  metric: string,
  sides: Compared[],
): Comparison[] {
  if (sides.length < 2) return [];
  const [highest, ...rest] = sides.toSorted((a, b) => b.mean - a.mean);
  const others = rest.map((other) => ({ ...other, ...compareMeans(highest, other) }));
  return [{ between, within, metric, highest, others }];
}
