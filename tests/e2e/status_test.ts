/**
 * What is running, seen from another terminal.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import type { StatusDocument } from "../../runner/commands/status.ts";
import type { LiveRun } from "../../runner/runs/live_runs.ts";
import { closedDoor } from "../helpers/door.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Reports that it is half done, and waits at the door. */
const slow = (host: string) =>
  stage(
    `context.report.progress(2, 4, "steps", { loss: 0.5 });
     await (await fetch("http://${host}")).text();
     await done();`,
    `net: () => ["${host}"],`,
  );

async function status(dir: Project): Promise<LiveRun[]> {
  const { code, stdout, stderr } = await dir.run("status", "--json");
  assert.equal(code, 0, stderr);
  const { format, runs }: StatusDocument = JSON.parse(stdout);
  assert.equal(format, 1);
  return runs;
}

/** Asks until what was asked for is there: notes may come a moment after what they tell of. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Waited in vain");
}

Deno.test("status says what is at work, what it holds, and what waits for what", async () => {
  await using door = closedDoor();
  await using dir = await project({
    ...STAGES,
    "stages/slow.ts": slow(door.host),
    "stages/broken.ts": stage(`throw new StageError("no luck");`),
    [FILE]: `
slots: { line: 1 }
stages:
  bad: { uses: broken }
  old: { uses: say, with: { text: hi } }
  first: { uses: slow, with: { n: 1 }, resources: { gpu: 1, memory: 3GiB, slots: { line: 1 } } }
  next: { uses: slow, with: { n: 2 }, resources: { slots: { line: 1 } } }
  all: { uses: join, inputs: { texts: [first.out, next.out] } }
`,
  });
  assert.deepEqual(await status(dir), []);
  const idle = await dir.run("status");
  assert.equal(idle.stdout, `Nothing is running on the store ${dir.path(".store")}\n`);

  await dir.run("run", FILE, "--until", "old");
  const run = dir.startWith({ CUDA_VISIBLE_DEVICES: "4" }, "run", FILE, "--jobs", "4");
  await door.arrived(1);
  await run.says("✗ bad"); // its note is written before
  const live = await until(async () => {
    const [live] = await status(dir);
    return live?.counts.hit === 1 ? live : undefined;
  });
  assert.deepEqual([live.file, live.pid, live.elsewhere], [FILE, run.pid, false]);
  assert.deepEqual(live.counts, { ran: 0, hit: 1, failed: 1, skipped: 0, working: 1, waiting: 2 });
  assert.deepEqual(live.failed, [{ id: "bad", reason: "no luck" }]);
  const [{ key, startedAt, seconds, progress, ...first }] = live.working;
  assert.deepEqual([key.length, startedAt > live.startedAt, seconds > 0], [64, true, true]);
  assert.deepEqual(first, {
    id: "first",
    uses: "slow",
    resources: { cpu: 1, gpu: 1, memory: 3 * 2 ** 30, slots: { line: 1 } },
    gpus: ["4"],
  });
  assert.ok(progress);
  assert.deepEqual([progress.done, progress.total, progress.metrics], [2, 4, { loss: 0.5 }]);
  assert.deepEqual(live.waiting, [
    { id: "next", shortages: [{ of: "slot line", heldBy: ["first"] }] },
    { id: "all", stages: ["first", "next"] },
  ]);

  const { stdout } = await dir.run("status");
  assert.match(
    stdout,
    new RegExp(
      `^${live.id} {2}${FILE}\n` +
        `  .* s, process ${run.pid} on \\S+: 2 of 5 stages done \\(1 from cache, 1 failed\\)\n` +
        `✗ bad    failed: no luck\n` +
        `> first  ████████░░░░░░░░  50%  2/4 steps  loss 0\\.5  for .* s  on GPU 4  3\\.0 GiB` +
        `  slot line \\(1\\)\n` +
        `· next   waits for slot line \\(first\\)\n` +
        `· all    waits for first and next\n$`,
    ),
  );

  const watching = dir.start("status", "--watch", "--json");
  door.open();
  assert.equal((await run.ended).code, 1);
  const watched = await watching.ended;
  assert.equal(watched.code, 0, watched.stderr);
  const last: StatusDocument = JSON.parse(watched.stdout.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual(last.runs, []);
});

Deno.test("status says which run another waits for, and forgets those that were killed", async () => {
  await using door = closedDoor();
  await using dir = await project({
    "stages/slow.ts": slow(door.host),
    [FILE]: "stages: { it: { uses: slow } }\n",
  });
  const first = dir.start("run", FILE);
  await door.arrived(1);
  const second = dir.start("run", FILE);
  await second.says("waits for another runner");
  const [one, two] = await status(dir);
  assert.deepEqual([one.pid, two.pid], [first.pid, second.pid]);
  assert.equal(one.working[0].id, "it");
  const [{ runner }] = two.waiting;
  assert.deepEqual([runner?.pid, runner?.run], [first.pid, one.id]);
  assert.match(
    (await dir.run("status")).stdout,
    new RegExp(`waits for another runner \\(run ${one.id}`),
  );
  const log = await dir.run("log", two.id, "it");
  assert.equal(log.stderr, "it  running\n", "what the other runs");

  first.kill("SIGKILL");
  await first.ended;
  await door.arrived(2); // the second has taken over
  const left = await status(dir);
  assert.deepEqual(left.map(({ id, working }) => [id, working.length]), [[two.id, 1]]);
  door.open();
  assert.equal((await second.ended).code, 0);
});

Deno.test("status tells a stage that waits for its next attempt", async () => {
  await using dir = await project({
    "stages/broken.ts": stage(`throw new Error("no luck");`),
    [FILE]: "stages: { it: { uses: broken, retries: 9 } }\n",
  });
  const run = dir.start("run", FILE);
  await run.says("attempt 2 of 10");
  const attempt = await until(async () => (await status(dir))[0]?.working[0]?.attempt);
  assert.equal(attempt.of, 10);
  assert.ok(attempt.number >= 2);
  run.kill("SIGINT");
  assert.equal((await run.ended).code, 130);
});

Deno.test("tasks that ask which runners live may read what the system tells of processes", () => {
  // Deno lets nobody read /proc who is not allowed everything; all would seem to be elsewhere.
  const tasks = ["run", "status", "log", "runs", "show", "diff", "metrics", "cache", "export"];
  const commands = new Map(
    Object.entries(config.tasks).map(([name, { command }]) => [name, command]),
  );
  const narrow = tasks.filter((name) => !commands.get(name)?.includes(" -A "));
  assert.deepEqual(narrow, []);
});
