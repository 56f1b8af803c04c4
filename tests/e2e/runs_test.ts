/**
 * What is kept of every run, and the commands that show it, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunRecord } from "../../runner/runs/run_record.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const PIPELINE = `
params: { text: hello, mark: "!" }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
`;

/** Manifests, oldest first. */
function manifests(dir: Project): RunRecord[] {
  const names = [...Deno.readDirSync(dir.path(".store/runs"))].map(({ name }) => name).sort();
  return names.map((name) => JSON.parse(dir.read(`.store/runs/${name}`)));
}

Deno.test("every run leaves a manifest that is never changed", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const { code, stdout, stderr } = await dir.run("run", FILE, "--set", "mark=xx", "--json");
  assert.equal(code, 0, stderr);
  const [{ stages, ...run }] = manifests(dir);
  assert.match(run.id, /^\d{8}-\d{6}-[0-9a-z]{4}$/);
  assert.equal(JSON.parse(stdout).run, run.id);
  assert.equal(run.id.slice(0, 8), run.startedAt.slice(0, 10).replaceAll("-", ""));
  assert.ok(run.startedAt < run.endedAt);
  assert.deepEqual([run.pipeline, run.file, run.profile, run.status], ["p", FILE, "default", "ok"]);
  assert.deepEqual([run.sets, run.params], [["mark=xx"], { text: "hello", mark: "xx" }]);
  assert.equal(run.host.name, Deno.hostname());
  assert.deepEqual(
    stages.map(({ id, uses, status, attempts, reason, metrics }) => [
      id,
      uses,
      status,
      attempts,
      reason,
      metrics,
    ]),
    [
      ["first", "say", "ran", 1, "never run before", {}],
      ["loud", "shout", "ran", 1, "never run before", { length: 7 }],
    ],
  );
  const mode = Deno.statSync(dir.path(`.store/runs/${run.id}.json`)).mode ?? 0;
  assert.equal(mode & 0o777, 0o444);
});

Deno.test("failed and interrupted runs leave a manifest too", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/fail.ts": stage(`throw new StageError("no luck");`),
    "stages/wait.ts": stage(`
      await Deno.writeTextFile(context.scratch + "/started", "");
      while (!context.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    `),
    [FILE]: `
stages:
  fail: { uses: fail, retries: 1 }
  loud: { uses: shout, inputs: { text: fail.out } }
`,
    "pipelines/q.yaml": "stages: { wait: { uses: wait } }\n",
  });
  const failed = await dir.run("run", FILE);
  assert.equal(failed.code, 1, failed.stderr);
  const [one] = manifests(dir);
  assert.equal(one.status, "failed");
  assert.deepEqual(one.stages.map(({ id, status, attempts }) => [id, status, attempts]), [
    ["fail", "failed", 2],
    ["loud", "skipped", 0],
  ]);

  const waiting = dir.start("run", "pipelines/q.yaml");
  await untilStarted(dir);
  waiting.kill("SIGINT");
  const ended = await waiting.ended;
  assert.equal(ended.code, 130, ended.stderr);
  const two = manifests(dir)[1];
  assert.equal(two.status, "interrupted");
  assert.deepEqual(two.stages.map(({ id, status, attempts }) => [id, status, attempts]), [
    ["wait", "skipped", 1],
  ]);
});

/** Waits for a stage's sign; how long that takes decides nothing. */
async function untilStarted(dir: Project): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (startedIn(dir)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Waited in vain for the stage to start");
}

function startedIn(dir: Project): boolean {
  try {
    return [...Deno.readDirSync(dir.path(".store/work"))].some(({ name }) =>
      [...Deno.readDirSync(dir.path(`.store/work/${name}/scratch`))].some(({ name }) =>
        name === "started"
      )
    );
  } catch {
    return false; // not that far yet
  }
}

Deno.test("runs lists past runs, newest first, with their main results", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const none = await dir.run("runs");
  assert.equal(none.stdout, `Nothing was run yet in the store ${dir.path(".store")}\n`);

  await dir.run("run", FILE);
  await dir.run("run", FILE, "--set", "mark=xx");
  const { code, stdout } = await dir.run("runs", "-n", "1");
  assert.equal(code, 0);
  const [one, two] = manifests(dir).map(({ id }) => id);
  const lines = stdout.split("\n");
  assert.equal(
    lines[1].replace(/ +/g, " "),
    " id pipeline profile when took memory status ran hit failed results",
  );
  assert.match(
    lines[3],
    new RegExp(
      `^  ${two}  p         default  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  \\d+\\.\\d s  \\d+\\.\\d MiB  ok` +
        "        1    1       0  loud length 7$",
    ),
  );
  assert.equal(lines[4], "  and 1 earlier run: --number shows more");

  const runs = JSON.parse((await dir.run("runs", "--json")).stdout);
  assert.deepEqual(runs.map((run: { id: string }) => run.id), [two, one]);
  const { startedAt: _, seconds: __, peakMemory: ___, choices: ____, ...first } = runs[0];
  assert.deepEqual(first, {
    id: two,
    pipeline: "p",
    file: FILE,
    profile: "default",
    sets: ["mark=xx"],
    status: "ok",
    counts: { ran: 1, hit: 1, failed: 0, skipped: 0 },
    failures: {},
    metrics: { loud: { length: 7 } },
  });
});

Deno.test("diff says what differs between two runs, stage by stage", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  dir.write({ "lib/loud.ts": "export const loud = (text: string) => text + '!';\n" });
  await dir.run("run", FILE, "--set", "text=hi", "--set", "mark=xx");
  const [before, now] = manifests(dir).map(({ id }) => id);
  const { code, stdout, stderr } = await dir.run("diff", "last~1", now.slice(0, -1));
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout,
    `
${before} → ${now}
  params.mark ! → xx
  params.text hello → hi

first
  params.text hello → hi

loud
  params.mark ! → xx
  code: lib/loud.ts changed
  input text: 1 file changed (text.txt)
  length  6 → 5  (-1)

0 stages are the same
`.trimStart(),
  );

  const same = await dir.run("diff", "last", "last");
  assert.equal(same.stdout, `${now} → ${now}\n\nnothing differs: 2 stages are the same\n`);

  const unknown = await dir.run("diff", "last", "lsat");
  assert.equal(unknown.code, 2);
  assert.equal(
    unknown.stderr,
    `
error: there is no run "lsat"
  did you mean "last"?
  expected last, last~1, …, a tag, or the id of a run, or its beginning:
  ${now}  ${FILE}
  ${before}  ${FILE}
`.trimStart(),
  );
});

Deno.test("metrics puts the runs of a file side by side", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  const nothing = await dir.run("metrics", FILE);
  assert.equal(nothing.code, 2);
  assert.equal(nothing.stderr, `error: nothing was run yet of ${FILE}\n  deno task run ${FILE}\n`);

  await dir.run("run", FILE);
  await dir.run("run", FILE); // all from the cache: told once
  await dir.run("run", FILE, "--set", "mark=xx");
  const [, two, three] = manifests(dir).map(({ id }) => id);
  const { code, stdout, stderr } = await dir.run("metrics", FILE);
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "TODAY AT ITS-TIME"),
    `
2 runs
  run                   when              mark  loud length
  ─────────────────────────────────────────────────────────
  ${two}  TODAY AT ITS-TIME  !               6
  ${three}  TODAY AT ITS-TIME  xx              7
`.trimStart(),
  );
  const csv = await dir.run("metrics", "last~1", "last", "--csv");
  assert.match(csv.stdout, /^run,started,status,file,mark,loud\.length\n/);
  const { groups, metrics } = JSON.parse((await dir.run("metrics", FILE, "--json")).stdout);
  assert.deepEqual([groups, metrics], [undefined, [{
    stage: "loud",
    uses: "shout",
    name: "length",
  }]]);

  const unknown = await dir.run("metrics", FILE, "--metric", "lenght");
  assert.deepEqual(unknown, {
    code: 2,
    stdout: "",
    stderr: 'error: there is no metric "lenght"\n  did you mean "length"?\n  metrics: length\n',
  });
});

Deno.test("a run that was killed is in the list, with what it had done", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/wait.ts": stage(
      `
      await Deno.writeTextFile(context.scratch + "/started", String(Deno.pid));
      while (!context.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    `,
      "",
    ).replace("inputs: {}", 'inputs: { text: artifact("text") }'),
    [FILE]: `
stages:
  first: { uses: say, with: { text: hello } }
  wait: { uses: wait, inputs: { text: first.text } }
`,
  });
  const run = dir.start("run", FILE);
  await untilStarted(dir);
  const during = JSON.parse((await dir.run("runs", "--json")).stdout);
  assert.deepEqual(during.map((each: RunRecord) => each.status), ["running"]);
  const last = await dir.run("diff", "last", "last");
  assert.match(last.stderr, /^error: there is no run "last": no run has ended yet\n/);

  run.kill("SIGKILL");
  await run.ended;
  const [{ status, counts }] = JSON.parse((await dir.run("runs", "--json")).stdout);
  assert.deepEqual([status, counts], ["killed", { ran: 1, hit: 0, failed: 0, skipped: 1 }]);
  for (const { name } of Deno.readDirSync(dir.path(".store/work"))) {
    const pid = dir.read(`.store/work/${name}/scratch/started`);
    try {
      Deno.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended by itself
    }
  }
});
