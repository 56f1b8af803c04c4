/**
 * What runs again and what is restored, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Document, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const PIPELINE = `
params:
  text: hello
  seed: 0
  mark: "!"
profiles:
  sad: { mark: "..." }
stages:
  first:
    uses: say
    with: { text: "\${params.text}", seed: "\${params.seed}" }
  loud:
    uses: shout
    with: { mark: "\${params.mark}" }
    inputs: { text: first.text }
  both:
    uses: join
    inputs: { texts: [first.text, loud.text] }
`;

const FILE = "pipelines/texts.yaml";

const ALL_RAN = { first: "ran", loud: "ran", both: "ran" };
const ALL_HIT = { first: "hit", loud: "hit", both: "hit" };

Deno.test("a second run restores everything and shows the same results", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const fresh = await dir.run("run", FILE);
  assert.equal(fresh.code, 0, fresh.stderr);
  const table = `
Texts
  stage  text
  ─────────────
  first  hello
  loud   HELLO!

text: .store/trees/DIGEST
`;
  const [shown, summary] = fresh.stdout.split("\n3 stages");
  assert.equal(shown.replace(/[0-9a-f]{64}/, "DIGEST"), table);
  assert.match(summary, /^: 3 ran, \d+\.\d s\n$/);

  const again = await dir.run("run", FILE);
  assert.equal(again.code, 0);
  assert.equal(again.stderr, "= first  from cache\n= loud   from cache\n= both   from cache\n");
  assert.ok(again.stdout.startsWith(shown));
  assert.match(again.stdout, /3 stages: 3 from cache/);
});

Deno.test("a changed parameter runs the stages behind it; changed back, all is there", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.deepEqual(await dir.statuses(FILE), ALL_RAN);
  assert.deepEqual(await dir.statuses(FILE, "--set", "mark=xx"), { ...ALL_RAN, first: "hit" });
  assert.deepEqual(await dir.statuses(FILE, "--profile", "sad"), { ...ALL_RAN, first: "hit" });
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
});

Deno.test("a stage that makes the same bytes again leaves what is behind it stored", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.deepEqual(await dir.statuses(FILE), ALL_RAN);
  assert.deepEqual(await dir.statuses(FILE, "--set", "seed=1"), { ...ALL_HIT, first: "ran" });
});

Deno.test("comments cost nothing, code costs the stages that reach it", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.deepEqual(await dir.statuses(FILE), ALL_RAN);

  dir.write({ [FILE]: `# A pipeline of texts.\n${PIPELINE}` });
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);

  const loud = dir.read("lib/loud.ts");
  dir.write({ "lib/loud.ts": loud.replace("In capitals.", "In large letters.") });
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);

  dir.write({ "lib/loud.ts": loud.replace("toUpperCase()", 'toUpperCase() + "!"') });
  assert.deepEqual(await dir.statuses(FILE), { ...ALL_RAN, first: "hit" });

  dir.write({ "lib/loud.ts": loud });
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
});

Deno.test("plan says what would run, executes nothing and makes no store", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const plan = await dir.run("plan", FILE);
  assert.equal(plan.code, 0, plan.stderr);
  assert.equal(
    plan.stdout,
    `
> first  never run before  (for 2 stages)
? loud   waits for first
? both   waits for first and loud

say 1, shout 1, join 1
3 stages: 1 would run, 2 to be decided when what they need is done
`.trimStart(),
  );
  assert.throws(() => Deno.statSync(dir.path(".store")), Deno.errors.NotFound);

  await dir.run("run", FILE);
  const changed = await dir.run("plan", FILE, "--set", "mark=xx");
  assert.match(changed.stdout, /^= first {2}from cache {2}\(for 2 stages\)\n> loud {3}\S.*mark/);
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
});

Deno.test("run and plan --json print one document and nothing else on standard output", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const plan: Document = JSON.parse((await dir.run("plan", FILE, "--json")).stdout);
  assert.deepEqual(Object.keys(plan), ["pipeline", "profile", "status", "stages", "metrics"]);
  assert.equal(plan.status, "ok");
  assert.match(plan.stages[0].key ?? "", /^[0-9a-f]{64}$/);
  assert.deepEqual(plan.stages.slice(1), [
    {
      id: "loud",
      uses: "shout",
      status: "would-run",
      key: null,
      reason: "waits for first",
      aliases: [],
      usedBy: ["both"],
      seconds: 0,
      outputs: {},
    },
    {
      id: "both",
      uses: "join",
      status: "would-run",
      key: null,
      reason: "waits for first and loud",
      aliases: [],
      usedBy: [],
      seconds: 0,
      outputs: {},
    },
  ]);

  const ended = await dir.run("run", FILE, "--json", "--profile", "sad");
  const run: Document = JSON.parse(ended.stdout);
  assert.deepEqual([run.pipeline, run.profile, run.status], ["texts", "sad", "ok"]);
  assert.deepEqual(run.metrics, { loud: { length: 8 } });
  assert.match(run.stages[1].outputs.text, /^[0-9a-f]{64}$/);
  assert.equal(run.stages[0].key, plan.stages[0].key);
  assert.match(ended.stderr, /3 stages: 3 ran/);
});

Deno.test("equal stages are one; those whose inputs come out equal run once", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: `
stages:
  one: { uses: say, with: { text: same } }
  two: { uses: say, with: { text: same } }
  three: { uses: say, with: { text: same, seed: 1 } }
  loud: { uses: shout, inputs: { text: two.text } }
  louder: { uses: shout, inputs: { text: three.text } }
`,
  });
  const { loud, louder, ...statuses } = await dir.statuses(FILE);
  assert.deepEqual(statuses, { one: "ran", three: "ran" });
  assert.deepEqual([loud, louder].sort(), ["hit", "ran"]);
});

Deno.test("--store and SR4IR_STORE say where results are kept", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.equal((await dir.run("run", FILE, "--store", "here")).code, 0);
  const { stdout } = await dir.runWith({ SR4IR_STORE: dir.path("here") }, "run", FILE);
  assert.match(stdout, /3 from cache/);
  assert.throws(() => Deno.statSync(dir.path(".store")), Deno.errors.NotFound);
});

Deno.test("outputs are the files that the stages wrote, and nothing of their work is left", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.equal((await dir.run("run", FILE)).code, 0);
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/work"))], []);
});
