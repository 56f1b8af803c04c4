/**
 * `--executor slurm` where programs on the `PATH` only play Slurm: how it fails, and that a stage
 * runs by its job file alone. These need no cluster.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StatusDocument } from "../../runner/commands/status.ts";
import type { LiveRun } from "../../runner/runs/live_runs.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";
const ONE = { ...STAGES, [FILE]: "stages: { it: { uses: say, with: { text: hi } } }\n" };

/** Runs a pipeline with these programs instead of those of a Slurm that may be here. */
async function runWith(dir: Project, programs: Record<string, string>, ...args: string[]) {
  const folder = dir.path("bin");
  Deno.mkdirSync(folder, { recursive: true });
  for (const name of ["sbatch", "squeue", "scancel", "scontrol", "sacct"]) {
    const body = programs[name] ?? programs.rest;
    if (body === undefined) continue;
    Deno.writeTextFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    Deno.chmodSync(join(folder, name), 0o755);
  }
  return await dir.runWith({ PATH: folder }, "run", FILE, "--executor", "slurm", ...args);
}

Deno.test({
  name:
    "without Slurm, its munge, or its controller the run ends before it begins, with one message",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await project(ONE);
    const failing = (text: string) => ({
      rest: `case "$1" in --version) exit 0;; esac; echo '${text}' >&2; exit 1`,
    });
    const none = await runWith(dir, {});
    assert.deepEqual([none.code, none.stderr], [
      2,
      "error: cannot use --executor slurm: there is no sbatch here\n" +
      "  start the run on a machine from which jobs are submitted, or leave out --executor slurm\n",
    ]);
    const munge = await runWith(
      dir,
      failing('squeue: error: Munge encode failed: Failed to access "/run/munge.socket.2"'),
    );
    assert.equal(munge.code, 2);
    assert.match(
      munge.stderr,
      /^error: .*munge, by which Slurm knows its users, is down: Munge encode/,
    );
    const controller = await runWith(
      dir,
      failing("slurm_load_jobs error: Unable to contact slurm controller (connect failure)"),
    );
    assert.deepEqual([controller.code, controller.stderr], [
      2,
      "error: cannot use --executor slurm: Slurm's controller does not answer: Unable to contact " +
      "slurm controller (connect failure)\n" +
      "  `squeue` must work in this terminal; ask whoever runs the cluster if it does not\n",
    ]);
  },
});

Deno.test({
  name: "a mistake in cluster.yaml, a file that is not there and --gpus are told before any work",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await project({ ...ONE, "cluster.yaml": "partion: gpu\n" });
    const mistake = await runWith(dir, { rest: "exit 0" });
    assert.equal(mistake.code, 2);
    assert.match(mistake.stderr, /cluster\.yaml:1:1\n.*\n.*did you mean "partition"\?/);
    const missing = await runWith(dir, { rest: "exit 0" }, "--cluster", "other.yaml");
    assert.deepEqual([missing.code, missing.stderr.split("\n")[0]], [
      2,
      'error: there is no file "other.yaml"',
    ]);
    const gpus = await runWith(dir, { rest: "exit 0" }, "--gpus", "2");
    assert.equal(gpus.code, 2);
    assert.match(gpus.stderr, /on a cluster Slurm chooses them/);
  },
});

Deno.test({
  name: "a job needs nothing but its script: it runs with no variable of the runner",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await project(ONE);
    const here = Deno.env.get("PATH") ?? "";
    const { code, stderr } = await runWith(dir, {
      // Far away: another folder, an empty environment, a while later.
      sbatch: `case "$1" in --version) exit 0;; esac
PATH='${here}'
cat >"${dir.path("dispatch")}"
(cd / && sleep 0.2 && env -i PATH="$PATH" sh "${dir.path("dispatch")}") >/dev/null 2>&1 &
echo 77`,
      squeue: "echo '77|RUNNING|None|'",
      rest: "exit 0",
    }, "--quiet");
    assert.equal(code, 0, stderr);
  },
});

/** Two requests at a time get an answer; before that both have been there at once. */
function pairs(onPair: () => Promise<void>) {
  let waiting: ((response: Response) => void)[] = [];
  return Deno.serve(
    { port: 0, hostname: "localhost", onListen() {} },
    () =>
      new Promise<Response>((resolve) => {
        waiting.push(resolve);
        if (waiting.length < 2) return;
        const both = waiting;
        waiting = [];
        void onPair().then(() => both.forEach((answer) => answer(new Response("both were here"))));
      }),
  );
}

Deno.test({
  name: "--jobs says how many jobs are in the queue at once, and status shows them",
  ignore: Deno.build.os === "windows",
  async fn() {
    let log = "";
    let seen: LiveRun | undefined;
    await using server = pairs(async () => {
      seen ??= await workingJobs(dir);
      // Before their stages end: from here on others may be submitted.
      Deno.writeTextFileSync(log, "ends\nends\n", { append: true });
    });
    const host = `localhost:${server.addr.port}`;
    await using dir = await project({
      "stages/meet.ts": stage(
        `await done(await (await fetch("http://${host}/" + context.params.n)).text());`,
        `net: () => ["${host}"],`,
      ),
      [FILE]: `
stages:
  meet: { uses: meet, matrix: { n: [1, 2, 3, 4] }, with: { n: "\${matrix.n}" } }
`,
    });
    log = dir.path("jobs");
    const here = Deno.env.get("PATH") ?? "";
    const { code, stderr } = await runWith(
      dir,
      {
        sbatch: `case "$1" in --version) exit 0;; esac
PATH='${here}'
last=
for arg; do case "$arg" in --array=0-*) last=\${arg#--array=0-};; esac; done
cat >"${dir.path("dispatch")}-$$"
i=0
while [ "$i" -le "\${last:-0}" ]; do
  echo submitted >>"${log}"
  echo "$$\${last:+_$i}|RUNNING|None|" >>"${dir.path("queue")}"
  env -i PATH="$PATH" SLURM_ARRAY_TASK_ID=$i sh "${dir.path("dispatch")}-$$" >/dev/null 2>&1 &
  i=$((i + 1))
done
echo $$`,
        squeue: `PATH='${here}'; cat "${dir.path("queue")}" 2>/dev/null; exit 0`,
        rest: "exit 0",
      },
      "--jobs",
      "2",
    );
    assert.equal(code, 0, stderr);
    const two = "submitted\nsubmitted\nends\nends\n";
    assert.equal(Deno.readTextFileSync(log), two + two);
    assert.deepEqual(seen?.working.map(({ job }) => job?.state), ["running", "running"]);
    const heldBy = seen?.working.map(({ id }) => id);
    assert.deepEqual(
      seen?.waiting.map(({ shortages }) => shortages),
      Array(2).fill([{ of: "a place in the queue", heldBy }]),
    );
  },
});

/** The run as soon as its jobs have ids, which come a moment after they start. */
async function workingJobs(dir: Project): Promise<LiveRun> {
  for (;;) {
    const { runs }: StatusDocument = JSON.parse((await dir.run("status", "--json")).stdout);
    const [run] = runs;
    if (run?.working.every(({ job }) => typeof job?.id === "string")) return run;
  }
}
