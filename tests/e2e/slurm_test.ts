/**
 * Stages as jobs of a real Slurm, of one node on this machine.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Document, type Project, project, type Started } from "../helpers/project.ts";
import { type Slurm, startSlurm, whyNoSlurm } from "../helpers/slurm.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const why = whyNoSlurm();
const ignore = why !== undefined;
let slurm: Slurm;

if (ignore) console.log(`tests with a real Slurm are left out: ${why}`);
Deno.test.beforeAll(async () => {
  if (!ignore) slurm = await startSlurm();
});
Deno.test.afterAll(async () => await slurm?.[Symbol.asyncDispose]());

const run = (dir: Project, ...args: string[]) =>
  dir.runWith(slurm.env, "run", FILE, "--executor", "slurm", "--json", ...args);

const start = (dir: Project, ...args: string[]): Started =>
  dir.startWith(slurm.env, "run", FILE, "--executor", "slurm", "--json", ...args);

const read = (stdout: string): Document => JSON.parse(stdout);

/** Counts its starts; works until it is told to stop or to finish, and goes on from where it was. */
const LONG = stage(`
  const { scratch, signal, report } = context;
  const text = (name) => Deno.readTextFile(scratch + "/" + name).catch(() => "");
  await Deno.writeTextFile(scratch + "/starts", await text("starts") + "|");
  const from = Number(await text("saved"));
  report.metric("from", from);
  let steps = from + 1; // so that whatever was saved is more than nothing
  while (!signal.aborted && await text("finish") === "") {
    report.progress(++steps, 1e6, "steps");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (signal.aborted) return await Deno.writeTextFile(scratch + "/saved", String(steps));
  report.metric("starts", (await text("starts")).length);
  await done();
`);

const STUBBORN = stage(`
  void context.signal;
  await Deno.writeTextFile(context.scratch + "/starts", "|");
  for (;;) await new Promise((resolve) => setTimeout(resolve, 10));
`);

/** Waits for something that will happen; how long that takes decides nothing. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 1500; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  throw new Error("Waited a minute in vain");
}

/** Files of the work folders, those with something in them. */
function workFiles(dir: Project, find: (path: string) => boolean): string[] {
  const found: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(dir.path(".store/work"))) {
      for (const folder of ["slurm", "scratch"]) {
        const path = dir.path(join(".store/work", name, folder));
        for (const file of Deno.readDirSync(path)) {
          const isOne = find(join(path, file.name)) &&
            Deno.readTextFileSync(join(path, file.name)) !== "";
          if (isOne) found.push(join(path, file.name));
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // is about to come, or to go
  }
  return found;
}

const workFile = (dir: Project, find: (path: string) => boolean) => workFiles(dir, find).at(0);

const isStarts = (path: string) => path.endsWith("/starts");
const starts = (dir: Project) => workFile(dir, isStarts);

/** Lets the stage come to its end. */
async function letFinish(dir: Project): Promise<void> {
  const path = await until(() => starts(dir));
  await Deno.writeTextFile(path.replace(/starts$/, "finish"), "now");
}

/** Ids of the jobs that wait or work. */
async function liveJobs(): Promise<string[]> {
  return (await slurm.call("squeue", "--noheader", "--array", "--format=%i")).trim().split("\n")
    .filter((id) => id !== "");
}

Deno.test({
  name: "stages run as jobs, the cells of a matrix as one array",
  ignore,
  async fn() {
    await using dir = await project({
      ...STAGES,
      [FILE]: `
stages:
  hi: { uses: say, with: { text: hi } }
  loud:
    uses: shout
    matrix: { mark: [a, b, c] }
    inputs: { text: hi.text }
    with: { mark: "\${matrix.mark}" }
    resources: { memory: 300MiB }
  all: { uses: join, inputs: { texts: loud.text } }
`,
    });
    const first = await run(dir);
    assert.equal(first.code, 0, first.stderr);
    const document = read(first.stdout);
    assert.deepEqual(document.stages.map(({ status }) => status), Array(5).fill("ran"));
    assert.equal(document.metrics["loud/a"].length, 3);
    const jobs = await slurm.call("squeue", "-h", "--array", "--states=all", "--format=%i %j %T");
    assert.deepEqual(
      jobs.split("\n").filter((line) => / loud /.test(line)).map((line) =>
        line.replace(/^\d+/, "N")
      ).sort(),
      ["N_0 loud COMPLETED", "N_1 loud COMPLETED", "N_2 loud COMPLETED"],
    );
    const second = await run(dir);
    assert.deepEqual(read(second.stdout).stages.map(({ status }) => status), Array(5).fill("hit"));
    assert.deepEqual([...Deno.readDirSync(dir.path(".store/work"))], []);
  },
});

Deno.test({
  name: "a stage on the cluster has the GPU it asked for, and a bare environment",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/env.ts": stage(
        `await done(Object.keys(Deno.env.toObject()).sort().join());
         context.report.metric("gpu", Number(Deno.env.get("CUDA_VISIBLE_DEVICES") ?? -1));`,
      ),
      [FILE]: "stages: { it: { uses: env, resources: { gpu: 1, cpu: 2 } } }\n",
    });
    if (!/gpu/.test(await slurm.call("sinfo", "-h", "-o", "%G"))) return; // no devices here
    const { code, stdout, stderr } = await run(dir);
    assert.equal(code, 0, stderr);
    assert.ok((read(stdout).metrics.it.gpu ?? -1) >= 0);
    const tree = read(stdout).stages[0].outputs.out;
    const { stdout: names } = await new Deno.Command("grep", {
      args: ["-rhE", "(^|,)TMPDIR(,|$)", dir.path(".store/objects")],
    }).output();
    assert.match(new TextDecoder().decode(names), /\bSLURM_JOB_ID\b/, tree);
    assert.doesNotMatch(new TextDecoder().decode(names), /SLURM_CONF|SSH_|INIT_CWD/);
  },
});

Deno.test({
  name: "a failure on the cluster shows what the stage said, and the rest goes on",
  ignore,
  async fn() {
    await using dir = await project({
      ...STAGES,
      "stages/broken.ts": stage(`console.log("so far"); throw new StageError("No such dog");`),
      "stages/leak.ts": stage(`Deno.readTextFileSync("/etc/hostname");`),
      [FILE]: `
stages:
  bad: { uses: broken }
  leak: { uses: leak }
  good: { uses: say, with: { text: hi } }
`,
    });
    const { code, stdout, stderr } = await run(dir);
    assert.equal(code, 1);
    assert.match(stderr, /No such dog/);
    assert.match(stderr, /│ so far$/m);
    assert.match(stderr, /stage "leak" reads \/etc\/hostname, which it does not declare/);
    assert.deepEqual(read(stdout).stages.map(({ id, status }) => [id, status]), [
      ["bad", "failed"],
      ["leak", "failed"],
      ["good", "ran"],
    ]);
  },
});

Deno.test({
  name: "Ctrl-C lets a job save and takes waiting ones back; the next run goes on from there",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      [FILE]: `
stages:
  a: { uses: long, with: { n: 1 }, resources: { cpu: 8 } }
  b: { uses: long, with: { n: 2 }, resources: { cpu: 8 } }
`,
    });
    const first = start(dir);
    await until(() => starts(dir));
    await until(async () => (await liveJobs()).length === 2 ? true : undefined);
    first.kill("SIGINT");
    const { code, stdout, stderr } = await first.ended;
    assert.equal(code, 130, stderr);
    assert.deepEqual(read(stdout).stages.map(({ status }) => status), ["skipped", "skipped"]);
    await until(async () => (await liveJobs()).length === 0 ? true : undefined);

    const second = start(dir);
    const finishing = setInterval(() => {
      for (const path of workFiles(dir, isStarts)) {
        // It may be done, and its folder gone.
        void Deno.writeTextFile(path.replace(/starts$/, "finish"), "now").catch(() => {});
      }
    }, 100);
    const end = await second.ended.finally(() => clearInterval(finishing));
    assert.equal(end.code, 0, end.stderr);
    // Which of them Slurm takes first is its own affair.
    const { a, b } = read(end.stdout).metrics;
    assert.deepEqual([a.starts, b.starts].sort(), [1, 2]);
    assert.ok(Math.max(a.from ?? 0, b.from ?? 0) > 0);
  },
});

Deno.test({
  name: "a second Ctrl-C ends a job that does not stop",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/stubborn.ts": STUBBORN,
      [FILE]: "stages: { it: { uses: stubborn } }\n",
    });
    const first = start(dir);
    await until(() => starts(dir));
    const pressing = setInterval(() => first.kill("SIGINT"), 300);
    const { code } = await first.ended.finally(() => clearInterval(pressing));
    assert.equal(code, 130);
    await until(async () => (await liveJobs()).length === 0 ? true : undefined);
  },
});

Deno.test({
  name: "a runner that is killed leaves its job at work, and the next one takes it over",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      [FILE]: "stages: { it: { uses: long } }\n",
    });
    const first = start(dir);
    await until(() => starts(dir));
    first.kill("SIGKILL");
    await first.ended;
    const local = await dir.runWith(slurm.env, "run", FILE);
    assert.match(local.stderr, /job \d+ of Slurm may be at work on this stage/);
    assert.match(local.stderr, /^ {2}take it over with --executor slurm$/m);
    const second = start(dir);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await letFinish(dir);
    const { code, stdout, stderr } = await second.ended;
    assert.equal(code, 0, stderr);
    assert.equal(read(stdout).metrics.it.starts, 1, "started once, by the runner that is gone");
  },
});

Deno.test({
  name: "what a job has finished while no runner was there is taken as it is",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      [FILE]: "stages: { it: { uses: long }, other: { uses: long, with: { n: 2 } } }\n",
    });
    const first = start(dir, "--only", "it");
    await until(() => starts(dir));
    first.kill("SIGKILL");
    await first.ended;
    await letFinish(dir);
    await until(() => workFile(dir, (path) => path.endsWith(".exit")));
    const before = (await slurm.call("squeue", "-h", "--array", "--states=all")).split("\n").length;
    const { code, stdout, stderr } = await run(dir, "--only", "it");
    assert.equal(code, 0, stderr);
    const [it] = read(stdout).stages;
    assert.deepEqual([it.status, read(stdout).metrics.it.starts], ["ran", 1]);
    const after = (await slurm.call("squeue", "-h", "--array", "--states=all")).split("\n").length;
    assert.equal(after, before, "no further job");
  },
});

Deno.test({
  name: "a job that somebody cancels is told of, and the next run goes on from what it saved",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      [FILE]: "stages: { it: { uses: long } }\n",
    });
    const first = start(dir);
    await until(() => starts(dir));
    await slurm.call("scancel", ...await liveJobs());
    const { code, stderr } = await first.ended;
    assert.equal(code, 1);
    assert.match(stderr, /stage "it" was cancelled: somebody has ended job \d+/);
    const second = start(dir);
    await letFinish(dir);
    const end = await second.ended;
    assert.equal(end.code, 0, end.stderr);
    assert.ok((read(end.stdout).metrics.it.from ?? 0) > 0);
  },
});

Deno.test({
  name: "a job that makes room for another is submitted again, and goes on from what it saved",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      "cluster.yaml": "partition: low\n",
      [FILE]: "stages: { it: { uses: long, resources: { cpu: 8 } } }\n",
    });
    const first = start(dir);
    await until(() => starts(dir));
    await slurm.call("sbatch", "--cpus-per-task=8", "--output=/dev/null", "--wrap=sleep 1");
    await until(() => workFile(dir, (path) => path.endsWith("/saved")));
    await letFinish(dir);
    const { code, stdout, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /job \d+ was lost \(another job came first\); submitting it again \(1 of 5\)/,
    );
    assert.equal(read(stdout).metrics.it.starts, 2);
    assert.ok((read(stdout).metrics.it.from ?? 0) > 0);
  },
});

Deno.test({
  name: "a job that Slurm puts back into its queue is followed through it",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      "cluster.yaml": "sbatch: [--requeue]\n",
      [FILE]: "stages: { it: { uses: long } }\n",
    });
    const first = start(dir);
    await until(() => starts(dir));
    await slurm.call("scontrol", "requeue", ...await liveJobs());
    await until(() => workFile(dir, (path) => path.endsWith("/saved")));
    await letFinish(dir);
    const { code, stdout, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    assert.equal(read(stdout).metrics.it.starts, 2);
    assert.doesNotMatch(stderr, /submitting it again/);
  },
});

Deno.test({
  name: "a stage that Slurm kills for its memory fails with the limit it had",
  ignore,
  async fn() {
    await using dir = await project({
      "stages/grows.ts": stage(
        `const all = [];
         for (;;) {
           all.push(new Uint8Array(2 ** 24).fill(1));
           await new Promise((resolve) => setTimeout(resolve, 20));
         }`,
      ),
      [FILE]: "stages: { it: { uses: grows, resources: { memory: 300MiB } } }\n",
    });
    const { code, stderr } = await run(dir);
    assert.equal(code, 1);
    assert.match(stderr, /stage "it" \(job \d+\) was killed for using more memory than 300\.0 MiB/);
  },
});

Deno.test({
  name: "what Slurm refuses is one clear message, with what it was asked for",
  ignore,
  async fn() {
    await using dir = await project({
      ...STAGES,
      [FILE]: `
stages:
  part: { uses: say, with: { text: hi } }
  big: { uses: join, inputs: { texts: part.text }, resources: { memory: 9TiB } }
`,
    });
    const { code, stderr } = await run(dir);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Slurm does not take stage "big": Requested node configuration is not available; Memory spec/,
    );
    assert.match(stderr, /^ {2}it was asked for --cpus-per-task=1 --mem=9437184M$/m);
    dir.write({ "cluster.yaml": "partition: moon\nuses: { join: { partition: main } }\n" });
    const partition = await run(dir, "--force", "part");
    assert.match(partition.stderr, /Slurm does not take stage "part": [^\n]*[Ii]nvalid partition/);
  },
});

Deno.test({
  name: "a job that can never start is told of, and Ctrl-C takes it back",
  ignore,
  async fn() {
    await using dir = await project({
      ...STAGES,
      [FILE]: "stages: { it: { uses: say, with: { text: hi }, resources: { cpu: 99 } } }\n",
    });
    const first = start(dir);
    await until(async () => {
      const waiting = await slurm.call("squeue", "-h", "--format=%r");
      return /PartitionConfig/.test(waiting) ? true : undefined;
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    first.kill("SIGINT");
    const { code, stderr } = await first.ended;
    assert.equal(code, 130);
    assert.match(stderr, /it: job \d+ will not start before .* changes something: PartitionConfig/);
    assert.deepEqual(await liveJobs(), []);
  },
});

/** Kills of the runner per run of the test; set it to hundreds to look for what happens seldom. */
const KILLS = Number(Deno.env.get("SLURM_KILLS") ?? 4);

Deno.test({
  name:
    "a runner that is killed again and again at any moment comes to its end, and repeats no work",
  ignore,
  async fn() {
    for (let kills = 0; kills < KILLS;) {
      await using dir = await project({
        ...STAGES,
        "stages/count.ts": stage(`
          const path = context.scratch + "/starts";
          const before = await Deno.readTextFile(path).catch(() => "");
          await Deno.writeTextFile(path, before + "|");
          await new Promise((resolve) => setTimeout(resolve, 500 + 200 * context.params.n));
          context.report.metric("starts", before.length + 1);
          await done(String(context.params.n));
        `),
        [FILE]: `
stages:
  some: { uses: count, matrix: { n: [1, 2, 3, 4] }, with: { n: "\${matrix.n}" } }
  all: { uses: join, inputs: { texts: some.out } }
`,
      });
      for (let i = 0; i < 4 && kills < KILLS; i++, kills++) {
        const one = start(dir);
        await new Promise((resolve) => setTimeout(resolve, 300 + 2500 * Math.random()));
        try {
          one.kill("SIGKILL");
        } catch {
          // It has come to its end before.
        }
        await one.ended;
      }
      const { code, stdout, stderr } = await run(dir);
      assert.equal(code, 0, stderr);
      const { metrics, stages } = read(stdout);
      assert.equal(stages.length, 5);
      for (const [id, { starts }] of Object.entries(metrics)) {
        // A result that a runner was killed over while it took it in has to be made again.
        assert.ok(id === "all" || (starts ?? 0) <= 2, `${id} was started ${starts} times`);
      }
      assert.deepEqual([...Deno.readDirSync(dir.path(".store/work"))], []);
      await until(async () => (await liveJobs()).length === 0 ? true : undefined);
    }
  },
});

Deno.test({
  name: "a stage that needs longer than a job may last saves in time and goes on in the next",
  ignore: ignore || Deno.env.get("SLURM_SLOW") === undefined, // Slurm counts in minutes
  async fn() {
    await using dir = await project({
      "stages/long.ts": LONG,
      "cluster.yaml": "max_time: 1m\n",
      [FILE]: "stages: { it: { uses: long, timeout: 1h } }\n",
    });
    const first = start(dir);
    await until(() => workFile(dir, (path) => path.endsWith("/saved")));
    await letFinish(dir);
    const { code, stdout, stderr } = await first.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /it: the time of job \d+ is over; it goes on in another/);
    assert.equal(read(stdout).metrics.it.starts, 2);
    assert.ok((read(stdout).metrics.it.from ?? 0) > 0);
  },
});
