/**
 * Whether a run could be had once more, as a table and a sentence.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { describeFiles } from "../plan/reasons.ts";
import { count, formatSeconds, formatValue } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import type { Reproduced } from "./compare_results.ts";

/** So many metrics are shown of a stage. */
const METRICS = 3;

/** @param title what the table is called, e.g. `Run 20261126-201530-k3f9, then and now` */
export function renderReproduced(title: string, stages: Reproduced[], c: Colors): string {
  const table = renderTable({
    title,
    columns: ["stage", "now", "took then", "now", "results", "numbers"],
    rows: stages.map((stage) => [
      stage.id,
      { ran: "made again", hit: "stored", none: "not made" }[stage.now ?? "none"],
      stage.secondsThen === 0 ? null : formatSeconds(stage.secondsThen),
      stage.secondsNow === 0 ? null : formatSeconds(stage.secondsNow),
      stage.verdict,
      numbers(stage),
    ]),
  }, c);
  const details = stages.filter(({ verdict }) => verdict === "different").flatMap(detail);
  return [table, ...details.map((line) => `  ${line}\n`), `\n${conclusion(stages, c)}\n`].join("");
}

/** Whether all was made, and is the same. */
export function isReproduced(stages: Reproduced[]): boolean {
  return stages.every(({ verdict }) => verdict === "same");
}

function numbers({ metrics, metricChanges, verdict }: Reproduced): string {
  if (verdict === "missing") return "";
  const show = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : formatValue(value);
  const said = metricChanges.length > 0
    ? metricChanges.map(({ name, before, now }) => `${name} ${show(before)} → ${show(now)}`)
    : Object.entries(metrics).map(([name, value]) => `${name} ${show(value)}`);
  const rest = said.length - METRICS;
  return [...said.slice(0, METRICS), ...(rest > 0 ? [`and ${rest} more`] : [])].join(", ");
}

function detail({ id, outputs, sameKey }: Reproduced): string[] {
  const files = outputs.map(({ name, files }) =>
    `${id}: output ${name}: ${
      files === undefined ? "other files, not known which" : describeFiles(files)
    }`
  );
  const why = sameKey
    ? [`${id}: made of the same as then, so its result depends on something that is in no key`]
    : [];
  return [...files, ...why];
}

function conclusion(stages: Reproduced[], c: Colors): string {
  const number = (verdict: Reproduced["verdict"]) =>
    stages.filter((stage) => stage.verdict === verdict).length;
  const metrics = stages.reduce((sum, each) => sum + Object.keys(each.metrics).length, 0);
  if (isReproduced(stages)) {
    const told = metrics === 0
      ? ""
      : `, with ${metrics === 1 ? "the same number" : `the same ${metrics} numbers`}`;
    return c.green(`the same as then: ${count(stages.length, "stage")}${told}`);
  }
  const parts = [
    [number("different"), "different"],
    [number("missing"), "not made"],
    [number("same"), "the same"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return c.red(`not the same as then: of ${count(stages.length, "stage")} ${said.join(", ")}`);
}
