import assert from "node:assert/strict";
import pico from "picocolors";
import { traceProvenance } from "../../../runner/explain/provenance.ts";
import { renderProvenance } from "../../../runner/explain/provenance_text.ts";
import type { ActionRecord } from "../../../runner/plan/record.ts";
import { record } from "../store/sample.ts";

/** A result with this key, made at this hour. */
function made(
  key: string,
  hour: string,
  given: { inputs?: ActionRecord["material"]["inputs"]; tree: string; pipeline?: string },
): ActionRecord {
  const sample = record(given.tree);
  return {
    ...sample,
    key,
    material: { ...sample.material, inputs: given.inputs ?? {} },
    madeBy: { pipeline: given.pipeline ?? "p", id: key },
    startedAt: `2026-11-26T${hour}:00:00.000Z`,
  };
}

const OTHERS = made("others", "01", { tree: "photos", pipeline: "q" });
const FIRST = made("first", "02", { tree: "photos" });
const SECOND = made("second", "03", { tree: "photos" });
const LATE = made("late", "20", { tree: "photos" });
const READER = made("reader", "10", { tree: "table", inputs: { from: "photos", old: "gone" } });
const ALL = [OTHERS, FIRST, SECOND, LATE];

const records = (all: ActionRecord[]) => ({
  makersOf: (digest: string) => all.filter(({ outputs }) => outputs.made === digest),
});

const trace = (all: ActionRecord[], preferred: string[] = []) =>
  traceProvenance({ record: READER, output: "made" }, records(all), new Set(preferred))
    .results.reader.inputs[0].madeBy;

Deno.test("of several makers that of the run counts, else the newest before it was used", () => {
  assert.equal(trace(ALL, ["first"]), "first");
  assert.equal(trace(ALL), "second");
  assert.equal(trace([OTHERS, LATE]), "others");
  assert.equal(trace([LATE]), "late");
  assert.equal(trace([]), undefined);
});

Deno.test("what made an input and left no record is told so", () => {
  const provenance = traceProvenance({ record: READER, output: "made" }, records([FIRST]));
  assert.deepEqual(Object.keys(provenance.results), ["reader", "first"]);
  assert.deepEqual(provenance.results.reader.inputs, [
    { name: "from", digest: "photos", madeBy: "first" },
    { name: "old", digest: "gone" },
  ]);
  const text = renderProvenance(provenance, { code: true }, pico.createColors(false));
  assert.match(text, /\n {2}from old {2}gone\n {4}no record of what made it is left\n$/);
  assert.match(text, /\n {2}code {6}c0de {2}stages\/make\.ts\n/);
});
