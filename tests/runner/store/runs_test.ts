import assert from "node:assert/strict";
import { listRuns, newRunId, readRun, writeRun } from "../../../runner/store/runs.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import { testFolder } from "../../helpers/folder.ts";

Deno.test("newRunId() sorts by time, to the millisecond", () => {
  const times = [
    "2026-11-26T20:15:30.007Z",
    "2026-11-26T20:15:30.036Z",
    "2026-11-26T20:15:30.999Z",
    "2026-11-26T20:15:31.000Z",
    "2027-01-01T00:00:00.000Z",
  ];
  const ids = times.map((time) => newRunId(new Date(time)));
  assert.deepEqual(ids.toSorted(), ids);
  assert.deepEqual(ids.map((id) => id.slice(0, -2)), [
    "20261126-201530-07",
    "20261126-201530-10",
    "20261126-201530-rr",
    "20261126-201531-00",
    "20270101-000000-00",
  ]);
});

Deno.test("a manifest is written once, listed, and read as it was written", () => {
  using dir = testFolder({});
  const files = new AtomicFiles(`${dir.path}/tmp`);
  const folder = `${dir.path}/runs`;
  assert.deepEqual(listRuns(folder), []);
  writeRun(folder, "20261126-201530-k3f9", "one", files);
  writeRun(folder, "20261125-201530-k3f9", "two", files);
  Deno.writeTextFileSync(`${folder}/notes.txt`, "");
  assert.deepEqual(listRuns(folder), ["20261125-201530-k3f9", "20261126-201530-k3f9"]);
  assert.equal(readRun(folder, "20261126-201530-k3f9"), "one");
  assert.equal(readRun(folder, "../tmp"), undefined);
  assert.throws(() => writeRun(folder, "20261126-201530-k3f9", "three", files), {
    name: "RangeError",
    message: "Cannot write run 20261126-201530-k3f9: it is there",
  });
});
