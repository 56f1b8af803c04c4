import assert from "node:assert/strict";
import pico from "picocolors";
import type { RunEvent, RunResult, StageResult } from "../../../runner/execute/run_event.ts";
import { chooseView } from "../../../runner/ui/choose.ts";
import { runDocument } from "../../../runner/ui/document.ts";
import { renderResults, renderSummary } from "../../../runner/ui/ending.ts";
import { linesView } from "../../../runner/ui/lines.ts";
import { renderPlan } from "../../../runner/ui/plan_text.ts";
import { renderTable } from "../../../runner/ui/table.ts";
import { instance } from "../execute/instance.ts";

const PLAIN = pico.createColors(false);

function stage(id: string, rest: Partial<StageResult> = {}): StageResult {
  return {
    id,
    uses: "some",
    status: "ran",
    key: "k",
    reason: "",
    seconds: 1,
    outputs: {},
    metrics: {},
    tables: [],
    ...rest,
  };
}

const FAILED: RunEvent = {
  type: "failed",
  id: "b",
  failure: { kind: "error", message: "TypeError: x\nand more" },
};

Deno.test("plain lines tell what happens, and progress every ten seconds", () => {
  let time = 0;
  let text = "";
  const view = linesView(
    { ids: ["a", "long"], colors: PLAIN, write: (more) => text += more },
    () => time,
  );
  view.show({ type: "hit", id: "a", key: "k" });
  view.show({ type: "started", id: "long", reason: "params.lr 1 → 2" });
  for (time = 1; time <= 21; time++) {
    const metrics = { loss: 1 / time };
    view.show({ type: "progress", id: "long", done: time, total: 100, unit: "steps", metrics });
  }
  view.show({ type: "log", id: "long", line: "\u001b[2Jsaved" });
  view.show({ type: "ran", id: "long", seconds: 21 });
  view.close();
  assert.equal(
    text,
    `
= a     from cache
> long  params.lr 1 → 2
  long  10/100 steps  1.0/s  1 min 30 s left  loss 0.1
  long  20/100 steps  1.0/s  1 min 20 s left  loss 0.05
  long  saved
✓ long  21.0 s
`.trimStart(),
  );
});

Deno.test("plain lines say at once what has to be fetched first", () => {
  let time = 0;
  let text = "";
  const view = linesView(
    { ids: [], colors: PLAIN, write: (more) => text += more },
    () => time,
  );
  for (time = 0; time <= 4; time++) {
    view.show({
      type: "setup",
      what: "downloading a library",
      done: time * 2 ** 20,
      total: 5 * 2 ** 20,
      unit: "bytes",
    });
  }
  assert.equal(text, "  downloading a library  0 B/5.0 MiB\n");
});

Deno.test("a failure is one line while others run", () => {
  let text = "";
  const view = linesView({ ids: ["b"], colors: PLAIN, write: (more) => text += more });
  view.show(FAILED);
  assert.equal(text, "✗ b  failed: TypeError: x\n");
});

Deno.test("quiet says notices only", () => {
  let text = "";
  const view = chooseView({
    ids: ["b"],
    colors: PLAIN,
    write: (more) => text += more,
    quiet: true,
    terminal: true,
  });
  view.show({ type: "started", id: "b", reason: "" });
  view.show({ type: "log", id: "b", line: "x" });
  view.show({ type: "notice", text: "slow" });
  view.show(FAILED);
  view.show({ type: "ran", id: "b", seconds: 1 });
  view.close();
  assert.equal(text, "! slow\n");
});

Deno.test("many hits are told as a number", () => {
  let text = "";
  const ids = Array.from({ length: 31 }, (_, i) => `s${i}`);
  const view = linesView({ ids, colors: PLAIN, write: (more) => text += more });
  ids.forEach((id) => view.show({ type: "hit", id, key: "k" }));
  view.close();
  assert.equal(text, "= 31 stages from cache\n");
});

Deno.test("a table lines up numbers as they were rounded, and shows what is not known as a dash", () => {
  assert.equal(
    renderTable({
      title: "Detection",
      columns: ["setting", "AP", "AP50", "images", "note"],
      rows: [
        ["H→T", 74.123, 98.5, 40, "upper bound"],
        ["L→T", 7, 51, 5, null],
        ["SR4IR", null, null, 40, ""],
      ],
    }, PLAIN),
    `
Detection
  setting     AP  AP50  images  note
  ─────────────────────────────────────────
  H→T      74.12  98.5      40  upper bound
  L→T       7.00  51.0       5  –
  SR4IR        –     –      40
`.trimStart(),
  );
});

Deno.test("the end shows the tables of stages that nothing builds on, and counts", () => {
  const table = (title: string) => ({ title, columns: ["a"], rows: [["x"]] });
  const stages = [instance("a"), instance("b", { needs: ["a"] })];
  const result: RunResult = {
    status: "ok",
    stages: [
      stage("a", { tables: [table("inner")] }),
      stage("b", { status: "hit", tables: [table("leaf")] }),
    ],
  };
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(renderResults(pipeline, result, PLAIN), "\nleaf\n  a\n  ─\n  x\n");
  assert.equal(
    renderSummary(result, 41.23, PLAIN),
    "\n2 stages: 1 ran, 1 from cache, 41.2 s\n",
  );
  assert.equal(
    renderSummary({ ...result, status: "interrupted" }, 1, PLAIN),
    "\n2 stages: 1 ran, 1 from cache, 1.0 s; the same command goes on from here\n",
  );
});

Deno.test("a plan tells reasons, what cannot be known yet, and how many stages are of which kind", () => {
  const stages = [
    instance("a"),
    instance("bb", { needs: ["a"] }),
    instance("c", { needs: ["bb"] }),
  ];
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(
    renderPlan(pipeline, [
      stage("a", { status: "hit", uses: "make" }),
      stage("bb", { status: "would-run", reason: "params.lr 1 → 2" }),
      stage("c", { status: "would-run", key: null, reason: "waits for bb" }),
    ], PLAIN),
    `
= a   from cache
> bb  params.lr 1 → 2
? c   waits for bb

some 2, make 1
3 stages: 1 from cache, 1 would run, 1 to be decided when what they need is done
`.trimStart(),
  );
});

Deno.test("a plan tells what several stages share, and which stages are one", () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `x${i}/a`);
  const stages = [
    instance("a", { aliases: ["b/a"] }),
    instance("b", { needs: ["a"], aliases: names(6) }),
    instance("c", { needs: ["a", "b"], aliases: names(4) }),
    instance("d", { needs: ["b"] }),
  ];
  const pipeline = { name: "p", file: "p.yaml", profile: "default", params: {}, stages };
  assert.equal(
    renderPlan(pipeline, [
      stage("a", { status: "hit" }),
      stage("b", { status: "would-run", reason: "params.lr 1 → 2" }),
      stage("c", { status: "would-run", key: null, reason: "waits for b" }),
      stage("d", { status: "would-run", key: null, reason: "waits for b" }),
    ], PLAIN),
    `
= a  from cache  (for 2 stages, also b/a)
> b  params.lr 1 → 2  (for 2 stages, also x0/a, x1/a, x2/a and 3 more)
? c  waits for b  (also x0/a, x1/a, x2/a and x3/a)
? d  waits for b

some 4
4 stages: 1 from cache, 1 would run, 2 to be decided when what they need is done
`.trimStart(),
  );
});

Deno.test("the document has metrics by stage, and of stages what machines need", () => {
  const stages = [instance("a", { aliases: ["x/a"] }), instance("b", { needs: ["a"] })];
  const pipeline = { name: "p", file: "p.yaml", profile: "paper", params: {}, stages };
  const result: RunResult = {
    status: "failed",
    stages: [stage("a", { metrics: { AP: 1.5, AR: null }, seconds: 1.23456 }), stage("b")],
  };
  assert.deepEqual(runDocument(pipeline, result), {
    pipeline: "p",
    profile: "paper",
    status: "failed",
    stages: [
      {
        id: "a",
        uses: "some",
        status: "ran",
        key: "k",
        reason: "",
        aliases: ["x/a"],
        usedBy: ["b"],
        seconds: 1.235,
        outputs: {},
      },
      {
        id: "b",
        uses: "some",
        status: "ran",
        key: "k",
        reason: "",
        aliases: [],
        usedBy: [],
        seconds: 1,
        outputs: {},
      },
    ],
    metrics: { a: { AP: 1.5, AR: null }, "x/a": { AP: 1.5, AR: null } },
  });
});
