import assert from "node:assert/strict";
import pico from "picocolors";
import { encodeBeginning, encodeNotes, type StageNote } from "../../../runner/runs/open_run.ts";
import { type LiveRun, liveRuns } from "../../../runner/runs/live_runs.ts";
import { renderStatus } from "../../../runner/ui/status_text.ts";
import { type TestFolder, testFolder } from "../../helpers/folder.ts";
import { instance, pipeline } from "../plan/instances.ts";
import { run } from "./samples.ts";

const ID = "20261126-201530-k3f9";
const { format: _, endedAt: __, seconds: ___, status: ____, stages: _____, ...facts } = run(ID);

const from = (id: string) => ({ from: [{ id, output: "made" }] });

const STAGES = pipeline([
  instance({ id: "a" }),
  instance({ id: "b", inputs: from("a"), resources: { cpu: 2, gpu: 1 } }),
  instance({ id: "c", inputs: from("a") }),
  instance({ id: "d", inputs: from("b") }),
]);

const at = (second: number) => new Date(Date.parse(facts.startedAt) + second * 1000).toISOString();
const time = (second: number) => Date.parse(at(second));

/** What is seen at that second. */
function look(dir: TestFolder, second: number, notes: StageNote[], text?: string): LiveRun[] {
  const beginning = text ?? encodeBeginning(facts, STAGES, {
    cpu: Infinity,
    memory: Infinity,
    gpus: [],
    slots: {},
    stages: 1,
  });
  return liveRuns({
    openRunIds: () => [ID],
    readOpenRun: () => beginning + encodeNotes(notes),
    whoWorksOn: () => ({ host: "far", pid: 7, signedAt: time(20) }),
    work: (key) => ({
      folder: `${dir.path}/${key}`,
      out: "",
      scratch: "",
      events: `${dir.path}/${key}/events`,
      log: "",
    }),
  }, time(second));
}

const plain = (runs: LiveRun[], second: number) =>
  renderStatus(runs, pico.createColors(false), time(second));

const DONE: StageNote = { id: "a", status: "ran", seconds: 3, at: at(3) };
const STARTED: StageNote = { id: "b", status: "started", key: "kb", gpus: [], at: at(4) };

Deno.test("a stage on a cluster has its job; others wait for a place in the queue", () => {
  using dir = testFolder({
    "kb/slurm/job.json": JSON.stringify({
      token: "t",
      comment: "",
      index: null,
      id: "12",
      eventsFrom: 0,
      usedSeconds: 0,
      losses: 0,
    }),
  });
  const [queued] = look(dir, 10, [DONE, STARTED]);
  assert.deepEqual(queued.working[0].job, { id: "12", state: "queued" });
  assert.deepEqual(queued.waiting, [
    { id: "c", shortages: [{ of: "a place in the queue", heldBy: ["b"] }] },
    { id: "d", stages: ["b"] },
  ]);
  dir.write({ "kb/slurm/t.started": "" });
  const [working] = look(dir, 10, [DONE, STARTED]);
  assert.deepEqual(working.working[0].job, { id: "12", state: "running" });
  assert.equal(
    plain([working], 10),
    `
${ID}  pipelines/p.yaml
  10.0 s, process ${Deno.pid} on ${working.host}: 1 of 4 stages done (1 ran)
> b  job 12  for 6.0 s  2 processors
· c  waits for a place in the queue (b)
· d  waits for b
`.trimStart(),
  );
});

Deno.test("who waits for another attempt holds nothing; silence is told", () => {
  using dir = testFolder({
    "kb/events": JSON.stringify({
      type: "progress",
      done: 1,
      total: 4,
      unit: "steps",
      metrics: {},
      at: time(5),
    }) + "\n",
  });
  const retrying: StageNote = {
    id: "b",
    status: "retrying",
    attempt: 2,
    attempts: 3,
    waitSeconds: 30,
    at: at(90),
  };
  const runs = look(dir, 100, [DONE, STARTED, retrying]);
  assert.deepEqual(runs[0].working[0].attempt, { number: 2, of: 3, waits: 20 });
  assert.deepEqual(runs[0].waiting[0], { id: "c" });
  const text = plain(runs, 100);
  assert.match(
    text,
    /^> b {2}attempt 2 of 3 {2}in 20 s .* silent for 1 min 35 s {2}for 1 min 36 s/m,
  );
  assert.match(text, /^· c {2}is about to start$/m);
  const [again] = look(dir, 130, [DONE, STARTED, retrying]);
  assert.deepEqual(again.working[0].attempt, { number: 2, of: 3 });
});

Deno.test("a runner on a machine that cannot be asked counts until its notes end", () => {
  using dir = testFolder();
  const beginning = encodeBeginning(facts, STAGES).replace(
    /"owner":"[^"]*"/,
    '"owner":"far~other~7~1~x"',
  );
  const runs = look(dir, 200, [DONE, STARTED], beginning);
  const [{ elsewhere, silent, host, pid }] = runs;
  assert.deepEqual([elsewhere, silent, host, pid], [true, 180, "far", 7]);
  assert.match(plain(runs, 200), /process 7 on far, without a sign of life for 3 min 00 s: 1 of/);
  assert.deepEqual(look(dir, 200, [], beginning.replace("far~other~7~1~x", "nobody")), []);
});

Deno.test("of many that wait some are named", () => {
  using dir = testFolder();
  const many = pipeline([
    instance({ id: "a" }),
    ...Array.from({ length: 20 }, (_, i) => instance({ id: `s${i}`, inputs: from("a") })),
  ]);
  const started: StageNote = { id: "a", status: "started", key: "ka", gpus: [], at: at(1) };
  const text = plain(look(dir, 2, [started], encodeBeginning(facts, many)), 2);
  assert.match(text, /· s7 {2}waits for a\n {2}and 12 more stages that wait\n$/);
});
