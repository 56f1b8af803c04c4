import assert from "node:assert/strict";
import {
  encodeBeginning,
  encodeNotes,
  readNotes,
  readOpenRunRecord,
} from "../../../runner/runs/open_run.ts";
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

Deno.test("notes tell the keys of stages, also of one at work, and why one failed", () => {
  const at = "2026-11-26T20:15:32.000Z";
  const text = encodeBeginning(facts, STAGES) + encodeNotes([
    { id: "a", status: "started", key: "ka", gpus: ["0"], at },
    { id: "a", status: "failed", seconds: 0, reason: "no luck", at },
    { id: "c", status: "started", key: "kc", gpus: [], at },
  ]);
  const stages = readOpenRunRecord(text)?.stages ?? [];
  assert.deepEqual(stages.map(({ status, key, reason }) => [status, key, reason]), [
    ["failed", "ka", "no luck"],
    ["skipped", "kc", "the run has not ended yet"],
  ]);
});

Deno.test("notes begin with what stages need and share; what is not limited stays so", () => {
  const all = pipeline([
    instance({ id: "a", resources: { cpu: 2, gpu: 0 } }),
    instance({ id: "b", inputs: { all: [{ id: "a", output: "made" }, { id: "a", output: "o" }] } }),
  ]);
  const capacity = { cpu: Infinity, memory: Infinity, gpus: [], slots: {}, stages: 100 };
  const run = readNotes(encodeBeginning(facts, all, capacity));
  assert.deepEqual([run?.life, run?.owner?.pid, run?.capacity], ["alive", Deno.pid, capacity]);
  assert.deepEqual(run?.stages, [
    { id: "a", uses: "make", aliases: [], resources: { cpu: 2, gpu: 0 } },
    { id: "b", uses: "make", aliases: [], needs: ["a"] },
  ]);
});
