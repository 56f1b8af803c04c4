import assert from "node:assert/strict";
import { EventReader, eventsLength, type StageEvent } from "../../../runner/execute/events.ts";
import { createReporter } from "../../../runner/execute/reporter.ts";
import { Collector } from "../../../runner/execute/collected.ts";

Deno.test("EventReader gives each whole line once, however the file grows", async () => {
  const path = await Deno.makeTempFile();
  try {
    const reader = new EventReader(path);
    const grow = (text: string) => Deno.writeTextFileSync(path, text, { append: true });
    assert.deepEqual(reader.read(), []);
    grow('{"type":"log","line":"ä');
    assert.deepEqual(reader.read(), []);
    grow('ö"}\n{"type":"log","line":"b"}\n{"type":"lo');
    assert.deepEqual(reader.read(), [{ type: "log", line: "äö" }, { type: "log", line: "b" }]);
    // The process was killed in the middle of a line; the next one begins with a line break.
    grow('\n\n{"type":"nonsense"}\n{"type":"log","line":"c"}\n');
    assert.deepEqual(reader.read(), [{ type: "log", line: "c" }]);
    assert.deepEqual(new EventReader(path, eventsLength(path)).read(), []);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("EventReader of a file that is not there yet gives nothing", () => {
  assert.deepEqual(new EventReader("/no/such/file").read(), []);
  assert.equal(eventsLength("/no/such/file"), 0);
});

Deno.test("a reporter holds back progress that comes too fast, but not the last", () => {
  const events: StageEvent[] = [];
  let time = 0;
  const report = createReporter((event) => events.push(event), () => time);
  const progress = (done: number): StageEvent => ({
    type: "progress",
    done,
    total: 4,
    unit: "images",
    metrics: {},
  });
  report.progress(1, 4, "images");
  time = 50;
  report.progress(2, 4, "images");
  time = 60;
  report.progress(4, 4, "images");
  assert.deepEqual(events, [progress(1), progress(4)]);

  time = 70;
  report.progress(3, 4, "images");
  report.flush();
  report.flush();
  assert.deepEqual(events.slice(2), [progress(3)]);
});

Deno.test("a metric that is no number is recorded as not known", () => {
  const events: StageEvent[] = [];
  const report = createReporter((event) => events.push(event));
  report.metric("AP", NaN);
  report.metric("AR", null);
  assert.deepEqual(events, [
    { type: "metric", name: "AP", value: null },
    { type: "metric", name: "AR", value: null },
  ]);
});

Deno.test("Collector joins curves over attempts, and keeps metrics of the last", () => {
  const collector = new Collector();
  collector.add({ type: "metric", name: "AP", value: 1 });
  collector.add({ type: "table", title: "old", columns: [], rows: [] });
  collector.add({ type: "point", name: "loss", step: 1, value: 0.5 });
  collector.add({ type: "point", name: "loss", step: 2, value: 0.4 });
  collector.add({ type: "begun" }); // goes on from a checkpoint at step 1
  collector.add({ type: "point", name: "loss", step: 3, value: 0.2 });
  collector.add({ type: "point", name: "loss", step: 2, value: 0.3 });
  collector.add({ type: "point", name: "acc", step: 1, value: 7 });
  assert.deepEqual(collector.result(), {
    metrics: {},
    tables: [],
    curves: { acc: [[1, 7]], loss: [[1, 0.5], [2, 0.3], [3, 0.2]] },
  });
});

Deno.test("Collector joins what attempts have read, if all of them tell", () => {
  const collector = new Collector();
  assert.equal(collector.reads, undefined);
  collector.add({ type: "begun", tellsReads: true });
  collector.add({ type: "read", path: ["sr"] });
  collector.add({ type: "read", path: ["sr", "epochs"] });
  collector.add({ type: "begun", tellsReads: true });
  collector.add({ type: "read", path: ["sr"] });
  collector.add({ type: "read", path: ["a.b"] });
  assert.deepEqual(collector.reads, [["sr"], ["sr", "epochs"], ["a.b"]]);
  collector.add({ type: "begun" });
  collector.add({ type: "begun", tellsReads: true });
  assert.equal(collector.reads, undefined);
});
