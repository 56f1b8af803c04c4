import assert from "node:assert/strict";
import { encodeBeginning, encodeNotes, readOpenRunRecord } from "../../../runner/runs/open_run.ts";
import { instance, pipeline } from "../plan/instances.ts";
import { run } from "./samples.ts";

const { format: _, endedAt: __, seconds: ___, status: ____, stages: _____, ...facts } = run(
  "20261126-201530-k3f9",
);
const STAGES = pipeline([instance({ id: "a", aliases: ["b"] }), instance({ id: "c" })]);

Deno.test("notes of a run tell how far it is, also if the last line is torn", () => {
  const text = encodeBeginning(facts, STAGES) +
    encodeNotes([{ id: "a", status: "ran", seconds: 2, at: "2026-11-26T20:15:32.000Z" }]) +
    '{"id":"c","sta';
  const record = readOpenRunRecord(text);
  const stage = { key: null, outputs: {}, metrics: {}, uses: "make" };
  assert.deepEqual(record, {
    ...run("20261126-201530-k3f9"),
    endedAt: "2026-11-26T20:15:32.000Z",
    seconds: 2,
    status: "running",
    stages: [
      {
        ...stage,
        id: "a",
        aliases: ["b"],
        status: "ran",
        seconds: 2,
        attempts: 1,
        reason: "the run has not ended yet",
      },
      {
        ...stage,
        id: "c",
        aliases: [],
        status: "skipped",
        seconds: 0,
        attempts: 0,
        reason: "the run has not ended yet",
      },
    ],
  });
});

Deno.test("a run whose process is gone was killed", () => {
  const text = encodeBeginning(facts, STAGES).replace(/"owner":"[^"]*"/, '"owner":"gone"');
  const record = readOpenRunRecord(text);
  assert.equal(record?.status, "killed");
  assert.equal(record?.endedAt, facts.startedAt);
  assert.equal(record?.stages[0].reason, "the run was killed");
});

Deno.test("what is no beginning is no run", () => {
  assert.equal(readOpenRunRecord(""), undefined);
  assert.equal(readOpenRunRecord('{"format":2}\n'), undefined);
});
