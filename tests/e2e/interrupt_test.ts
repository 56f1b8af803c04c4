/**
 * Runs that are stopped half-way, kindly or not, and go on at the next start.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Document, type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Works until it is stopped, saves how far it came, and is done when it finds that saved. */
const LONG = stage(`
  const saved = context.scratch + "/saved";
  const before = await Deno.readTextFile(saved).catch(() => undefined);
  if (before !== undefined) {
    context.report.metric("resumed_at", Number(before));
    return await done();
  }
  const { signal } = context;
  await Deno.writeTextFile(context.scratch + "/started", String(Deno.pid));
  let steps = 1;
  while (!signal.aborted) {
    steps++;
    context.report.progress(steps, 1e6, "steps");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Deno.writeTextFile(saved, String(steps));
`);

/** Says that it has started, and never ends of itself. */
const stubborn = (before: string) =>
  stage(`
  ${before}
  await Deno.writeTextFile(context.scratch + "/started", String(Deno.pid));
  for (;;) await new Promise((resolve) => setTimeout(resolve, 5));
`);

/** Waits for something that will happen; how long that takes decides nothing. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (let i = 0; i < 3000; i++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Waited a minute in vain");
}

/** Process id of the stage that has said that it started. */
function startedStage(dir: Project): number | undefined {
  try {
    for (const { name } of Deno.readDirSync(dir.path(".store/work"))) {
      const pid = Deno.readTextFileSync(join(dir.path(".store/work"), name, "scratch/started"));
      if (pid !== "") return Number(pid);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isGone(pid: number): true | undefined {
  try {
    // A process whose parent has not asked after it yet is a zombie, and gone all the same.
    const state = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1][0];
    return state === "Z" ? true : undefined;
  } catch {
    return true;
  }
}

Deno.test("Ctrl-C lets stages save, and the next run goes on from there", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/long.ts": LONG,
    [FILE]: `
stages:
  quick: { uses: say, with: { text: hi } }
  loud: { uses: shout, inputs: { text: quick.text } }
  long: { uses: long }
  after: { uses: join, inputs: { texts: [loud.text, long.out] } }
`,
  });
  const run = dir.start("run", FILE, "--json", "--jobs", "4");
  await until(() => startedStage(dir));
  run.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 130);
  const document: Document = JSON.parse(stdout);
  assert.equal(document.status, "interrupted");
  const long = document.stages.find(({ id }) => id === "long");
  assert.deepEqual([long?.status, long?.reason], [
    "skipped",
    "interrupted; run again to go on from there",
  ]);
  assert.match(stderr, /stopping: stages may save what they have/);

  const again = await dir.run("run", FILE, "--json");
  assert.equal(again.code, 0, again.stderr);
  const rerun: Document = JSON.parse(again.stdout);
  const finished = document.stages.filter(({ status }) => status === "ran").map(({ id }) => id);
  for (const { id, status } of rerun.stages) {
    assert.equal(status, finished.includes(id) ? "hit" : "ran", id);
  }
  assert.ok((rerun.metrics.long.resumed_at ?? 0) > 0);
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/work"))], []);
});

Deno.test("a stage that has nothing to save is ended by Ctrl-C at once", async () => {
  await using dir = await project({
    "stages/deaf.ts": stubborn(""),
    [FILE]: "stages: { it: { uses: deaf } }\n",
  });
  const run = dir.start("run", FILE);
  const pid = await until(() => startedStage(dir));
  run.kill("SIGINT");
  assert.equal((await run.ended).code, 130);
  assert.equal(isGone(pid), true);
});

Deno.test("SIGTERM stops as Ctrl-C does, with its own exit code", async () => {
  await using dir = await project({
    "stages/deaf.ts": stubborn(""),
    [FILE]: "stages: { it: { uses: deaf } }\n",
  });
  const run = dir.start("run", FILE);
  await until(() => startedStage(dir));
  run.kill("SIGTERM");
  assert.equal((await run.ended).code, 143);
});

Deno.test("a second Ctrl-C ends a stage that does not stop", async () => {
  await using dir = await project({
    "stages/stubborn.ts": stubborn("void context.signal;"),
    [FILE]: "stages: { it: { uses: stubborn } }\n",
  });
  const run = dir.start("run", FILE);
  const pid = await until(() => startedStage(dir));
  // Signals within half a second count as one key press, so one more is needed after that.
  const pressing = setInterval(() => run.kill("SIGINT"), 100);
  const { code } = await run.ended.finally(() => clearInterval(pressing));
  assert.equal(code, 130);
  assert.equal(isGone(pid), true);
});

Deno.test("when the runner is killed its stages end, and the next run completes", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/long.ts": LONG.replace("before !== undefined", "await wasHere(context.scratch)") +
      `const wasHere = (scratch) => Deno.stat(scratch + "/started").then(() => true, () => false);\n`,
    [FILE]: `
stages:
  quick: { uses: say, with: { text: hi } }
  long: { uses: long }
  after: { uses: join, inputs: { texts: [quick.text, long.out] } }
`,
  });
  const run = dir.start("run", FILE);
  const pid = await until(() => startedStage(dir));
  run.kill("SIGKILL");
  await run.ended;
  await until(() => isGone(pid));

  const { code, stdout } = await dir.run("run", FILE, "--json");
  assert.equal(code, 0);
  const rerun: Document = JSON.parse(stdout);
  assert.deepEqual(rerun.stages.slice(1).map(({ status }) => status), ["ran", "ran"]);
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/work"))], []);
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/tmp"))], []);
});

Deno.test("Ctrl-C in a terminal, which reaches the stages as well, is one Ctrl-C", async () => {
  await using dir = await project({
    "stages/long.ts": LONG,
    [FILE]: "stages: { long: { uses: long } }\n",
  });
  const run = dir.startGroup("run", FILE);
  await until(() => startedStage(dir));
  Deno.kill(-run.pid, "SIGINT");
  assert.equal((await run.ended).code, 130);
  const again = await dir.run("run", FILE, "--json");
  assert.ok((JSON.parse(again.stdout).metrics.long.resumed_at ?? 0) > 0);
});
