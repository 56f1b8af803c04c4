/**
 * The logs of stages, asked for afterwards and while they are at work.
 *
 * @module
 */
import assert from "node:assert/strict";
import { closedDoor } from "../helpers/door.ts";
import { project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const CHATTY = stage(`
  const { report } = context;
  console.log("printed");
  report.log("reported");
  report.metric("AP", 12.5);
  report.table("Sizes", ["name", "size"], [["a", 1]]);
  report.point("loss", 1, 0.5);
  report.point("loss", 2, 0.25);
  await done();
`);

const REPORTED = `
Metrics
  metric  value
  ─────────────
  AP      12.5

Sizes
  name  size
  ──────────
  a        1

Curves
  loss (2 points)
`;

Deno.test("log shows what a stage printed and reported, whether it ran or was stored", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/chatty.ts": CHATTY,
    [FILE]: "stages: { it: { uses: chatty } }\n",
  });
  const none = await dir.run("log", FILE, "it");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^error: there is no log of "it": never run before\n/);
  const whole = { code: 0, stdout: `printed\nreported\n${REPORTED}`, stderr: "it  stored\n" };
  await dir.run("run", FILE);
  assert.deepEqual(await dir.run("log", "last", "it"), whole);
  await dir.run("run", FILE); // a hit now
  assert.deepEqual(await dir.run("log", "last", "it"), whole);
  assert.deepEqual(await dir.run("log", FILE, "it", "--follow"), whole);

  const { stdout } = await dir.run("log", FILE, "it", "--json");
  const [{ log: _, key: __, reason: ___, ...first }, ...lines] = stdout.trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(first, { type: "stage", format: 1, id: "it", state: "stored", status: "hit" });
  assert.deepEqual(lines, [
    { type: "line", text: "printed" },
    { type: "line", text: "reported" },
    { type: "metric", name: "AP", value: 12.5 },
    { type: "table", title: "Sizes", columns: ["name", "size"], rows: [["a", 1]] },
    { type: "curve", name: "loss", points: [[1, 0.5], [2, 0.25]] },
  ]);
});

Deno.test("log proposes the nearest stage, and lists those that a word stands for", async () => {
  await using dir = await project({
    "stages/chatty.ts": CHATTY,
    [FILE]: `
stages:
  train: { uses: chatty, matrix: { n: [1, 2] }, with: { n: "\${matrix.n}" } }
  other: { uses: chatty, with: { n: 3 } }
`,
  });
  await dir.run("run", FILE);
  const typo = await dir.run("log", "last", "othre");
  assert.equal(typo.code, 2);
  assert.match(typo.stderr, /^error: there is no stage "othre"\n.*\n.*did you mean "other"\?/);
  const several = await dir.run("log", FILE, "train");
  assert.deepEqual([several.code, several.stderr], [
    2,
    `error: "train" stands for 2 stages; a log is one stage's
  deno task log ${FILE} train/1
  deno task log ${FILE} train/2
`,
  ]);
  assert.equal((await dir.run("log", "last", "train/2")).code, 0);
  const missing = await dir.run("log", "last");
  assert.match(missing.stderr, /^error: something is missing .*\n {2}expected: deno task log FILE/);
});

Deno.test("log shows what a stage printed that failed, also after it was run again", async () => {
  await using door = closedDoor();
  await using dir = await project({
    "stages/moody.ts": stage(
      `console.log("before");
       const answer = await (await fetch("http://${door.host}")).text();
       console.log("heard", answer);
       if (answer === "fail") throw new StageError("in no mood");
       await done();`,
      `net: () => ["${door.host}"],`,
    ),
    [FILE]: "stages: { it: { uses: moody } }\n",
  });
  door.open("fail");
  assert.equal((await dir.run("run", FILE)).code, 1);
  const text = "before\nheard fail\nin no mood\n";
  assert.deepEqual(await dir.run("log", "last", "it"), {
    code: 0,
    stdout: text,
    stderr: "it  failed: in no mood\n",
  });
  assert.deepEqual(await dir.run("log", FILE, "it"), {
    code: 0,
    stdout: text,
    stderr: "it  unfinished\n",
  });
  door.open("go on");
  assert.equal((await dir.run("run", FILE)).code, 0);
  assert.equal((await dir.run("log", "last", "it")).stdout, "before\nheard go on\n");
  assert.deepEqual(await dir.run("log", "last~1", "it"), {
    code: 0,
    stdout: text,
    stderr: "it: its log is gone; this is what the run has kept of it\nfailed: in no mood\n",
  });
});

Deno.test("log --follow goes on while a stage is at work, and waits for one that is to come", async () => {
  await using door = closedDoor();
  await using dir = await project({
    "stages/slow.ts": stage(
      `console.log("one");
       await (await fetch("http://${door.host}")).text();
       console.log("two");
       context.report.metric("n", 2);
       await done();`,
      `net: () => ["${door.host}"],`,
    ),
    "stages/after.ts": stage(`console.log("after"); await done();`)
      .replace("inputs: {}", 'inputs: { text: artifact("text") }'),
    [FILE]: `
stages:
  slow: { uses: slow }
  after: { uses: after, inputs: { text: slow.out } }
`,
  });
  const run = dir.start("run", FILE);
  await door.arrived(1);
  const now = await dir.run("log", "last", "slow");
  assert.deepEqual([now.stdout, now.stderr], ["one\n", "slow  running\n"]);
  const early = await dir.run("log", "last", "after");
  assert.deepEqual([early.code, early.stderr], [
    2,
    'error: there is no log of "after": it has not started yet\n' +
    "  deno task log last after --follow waits for it\n",
  ]);
  const following = dir.start("log", "last", "slow", "--follow");
  await following.says("slow  running\n");
  const waiting = dir.start("log", "last", "after", "--follow");
  door.open();
  assert.equal((await run.ended).code, 0);
  const metrics = "\nMetrics\n  metric  value\n  ─────────────\n  n       2\n";
  assert.deepEqual(await following.ended, {
    code: 0,
    stdout: `one\ntwo\n${metrics}`,
    stderr: "slow  running\n",
  });
  assert.equal((await waiting.ended).stdout, "after\n");
});

Deno.test("run --logs shows the whole log of each stage, of stored ones, too", async () => {
  await using dir = await project({
    "stages/chatty.ts": CHATTY,
    "stages/broken.ts": stage(`console.log("so far"); throw new StageError("no luck");`),
    [FILE]: "stages: { it: { uses: chatty }, bad: { uses: broken } }\n",
  });
  for (const mark of ["✓ it .*", "= it   from cache"]) {
    const { stderr } = await dir.run("run", FILE, "--logs");
    assert.match(stderr, new RegExp(`^${mark}\\n  it   printed\\n  it   reported\\n`, "m"));
    assert.match(stderr, /^✗ bad {2}failed: no luck\n {2}bad {2}so far\n {2}bad {2}no luck\n/m);
    assert.equal(stderr.match(/reported/g)?.length, 1, "once");
  }
  const quiet = await dir.run("run", FILE, "--logs", "--quiet");
  assert.equal(quiet.code, 2);
});
