/**
 * What a run does when stages fail.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Document, project, statusesOf } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

Deno.test("a failing stage shows the end of its log and where the whole is", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/broken.ts": stage(
      `for (let i = 1; i <= 30; i++) console.log("line", i);
       throw new TypeError("no such thing");`,
    ),
    [FILE]: `
stages:
  bad: { uses: broken }
  after: { uses: join, inputs: { texts: [bad.out] } }
`,
  });
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json");
  assert.equal(code, 1);
  assert.match(stderr, /^✗ bad +failed: TypeError: no such thing$/m);
  assert.match(stderr, /^error: stage "bad" failed: TypeError: no such thing$/m);
  assert.match(stderr, /^ {2}│ line 30$/m);
  assert.doesNotMatch(stderr, /line 5$/m);
  assert.match(stderr, /at .*stages\/broken\.ts:\d+/);
  assert.equal(stderr.match(/line 30/g)?.length, 1, "once");
  assert.match(
    stderr,
    /^ {2}this stage alone: deno task run pipelines\/p\.yaml --only bad\n\nblocked by bad: after$/m,
  );
  const log = /^ {2}whole log: (.*)$/m.exec(stderr)?.[1] ?? "";
  assert.match(Deno.readTextFileSync(log), /^line 1\nline 2\n/);

  const document: Document = JSON.parse(stdout);
  assert.equal(document.status, "failed");
  assert.deepEqual(document.stages.map(({ status, reason }) => [status, reason]), [
    ["failed", "TypeError: no such thing"],
    ["skipped", 'needs "bad", which failed'],
  ]);
});

Deno.test("a mistake is told in the stage's words, without a stack", async () => {
  await using dir = await project({
    "stages/wrong.ts": stage(`throw new StageError("Cannot read a.jpg: it is a GIF");`),
    [FILE]: "stages: { it: { uses: wrong } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--quiet");
  assert.equal(code, 1);
  assert.match(stderr, /^error: stage "it" failed: Cannot read a\.jpg: it is a GIF\n/);
  assert.doesNotMatch(stderr, / at .*wrong\.ts/);
});

Deno.test("what does not depend on a failure runs; --fail-fast starts nothing more", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/broken.ts": stage(`throw new Error("broken");`),
    [FILE]: `
stages:
  bad: { uses: broken }
  good: { uses: say, with: { text: hi } }
  loud: { uses: shout, inputs: { text: good.text } }
  both: { uses: join, inputs: { texts: [bad.out, good.text] } }
`,
  });
  const fast = await dir.run("run", FILE, "--jobs", "1", "--fail-fast", "--json");
  assert.deepEqual(statusesOf(fast.stdout), {
    bad: "failed",
    good: "skipped",
    loud: "skipped",
    both: "skipped",
  });
  assert.match(
    fast.stderr,
    /\n\nblocked by bad: both\nnot reached, because of --fail-fast: good and loud\n/,
  );
  const going = { bad: "failed", good: "ran", loud: "ran", both: "skipped" };
  assert.deepEqual(await dir.statuses(FILE, "--jobs", "1"), going);
  assert.deepEqual(await dir.statuses(FILE, "--jobs", "1", "--keep-going"), {
    ...going,
    good: "hit",
    loud: "hit",
  });
  const both = await dir.run("run", FILE, "--keep-going", "--fail-fast");
  assert.equal(both.code, 2);
  assert.match(both.stderr, /^error: option '--fail-fast' cannot be used with .*--keep-going'\n/);
});

Deno.test("retries start again with empty outputs and the same scratch", async () => {
  await using dir = await project({
    "stages/flaky.ts": stage(
      `const file = context.scratch + "/attempts";
       const tried = await Deno.readTextFile(file).catch(() => "");
       await Deno.writeTextFile(file, tried + "x");
       context.report.metric("files", [...Deno.readDirSync(context.outputs.out)].length);
       await done();
       if (tried === "") throw new Error("the first attempt fails");
       context.report.metric("attempts", tried.length + 1);`,
    ),
    [FILE]: "stages: { it: { uses: flaky, retries: 2 } }\n",
  });
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json");
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).metrics, { it: { files: 0, attempts: 2 } });
  assert.match(stderr, /attempt 2 of 3 in [01]\.\d s, because: Error: the first attempt fails/);
});

Deno.test("a stage that takes too long is asked to stop, then named", async () => {
  await using dir = await project({
    "stages/slow.ts": stage(
      `const { signal } = context;
       while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
       await Deno.writeTextFile(context.scratch + "/saved", "x");`,
    ),
    [FILE]: "stages: { it: { uses: slow, timeout: 1s } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--quiet");
  assert.equal(code, 1);
  assert.match(stderr, /^error: stage "it" took longer than its timeout of 1\.0 s\n/);
  const [work] = Deno.readDirSync(dir.path(".store/work"));
  assert.equal(dir.read(`.store/work/${work.name}/scratch/saved`), "x");
});

Deno.test({
  name: "a stage that uses more memory than it may is ended and named",
  ignore: Deno.build.os !== "linux", // only Linux tells how much a process uses
  fn: async () => {
    await using dir = await project({
      "stages/large.ts": stage(
        `const blocks = [];
         for (;;) {
           blocks.push(new Uint8Array(32 * 1024 * 1024).fill(1));
           await new Promise((resolve) => setTimeout(resolve, 20));
         }`,
      ),
      [FILE]: "stages: { it: { uses: large, resources: { memory: 256MiB } } }\n",
    });
    const { code, stderr } = await dir.run("run", FILE, "--quiet");
    assert.equal(code, 1);
    assert.match(stderr, /^error: stage "it" used \S+ \S+ of memory, its limit is 256\.0 MiB\n/);
  },
});

Deno.test("a stage that leaves an output empty has failed", async () => {
  await using dir = await project({
    "stages/lazy.ts": stage(``),
    [FILE]: "stages: { it: { uses: lazy } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--quiet");
  assert.equal(code, 1);
  assert.match(stderr, /^error: stage "it" finished but left its output "out" empty\n/);
});

Deno.test("a process that ends without a word is a failure", async () => {
  await using dir = await project({
    "stages/gone.ts": stage(`console.log("about to go"); await done(); Deno.exit(7);`),
    [FILE]: "stages: { it: { uses: gone } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--quiet");
  assert.equal(code, 1);
  assert.match(stderr, /^error: the process of stage "it" ended with code 7 and did not say why\n/);
  assert.match(stderr, /│ about to go/);
});

Deno.test("a stage that waits for nothing ends, and an error outside run() is told", async () => {
  await using dir = await project({
    "stages/stuck.ts": stage(`await new Promise(() => {});`),
    "stages/loose.ts": stage(
      `setTimeout(() => { throw new RangeError("too late"); });
       await new Promise((resolve) => setTimeout(resolve, 60_000));`,
    ),
    "stages/lost.ts": stage(
      `void Promise.reject(new RangeError("nobody caught me"));
       await new Promise((resolve) => setTimeout(resolve, 60_000));`,
    ),
    [FILE]: "stages: { a: { uses: stuck }, b: { uses: loose }, c: { uses: lost } }\n",
  });
  const { stdout } = await dir.run("run", FILE, "--json");
  const document: Document = JSON.parse(stdout);
  assert.deepEqual(document.stages.map(({ reason }) => reason), [
    "Error: run() waits for a promise that nothing will ever settle",
    "RangeError: too late",
    "RangeError: nobody caught me",
  ]);
});

Deno.test("independent stages run at the same time", async () => {
  const waiting: ((response: Response) => void)[] = [];
  await using server = Deno.serve(
    { port: 0, onListen() {} },
    () =>
      new Promise<Response>((resolve) => {
        waiting.push(resolve); // nobody gets an answer before both have asked
        if (waiting.length === 2) {
          waiting.forEach((answer) => answer(new Response("both are here")));
        }
      }),
  );
  const { port } = server.addr;
  await using dir = await project({
    "stages/meet.ts": stage(
      `await done(await (await fetch("http://localhost:${port}")).text());`,
      `net: () => ["localhost:${port}"],`,
    ),
    [FILE]: `
stages:
  meet:
    uses: meet
    matrix: { who: [1, 2] }
    with: { who: "\${matrix.who}" }
    timeout: 30s
`,
  });
  assert.deepEqual(await dir.statuses(FILE, "--jobs", "2"), { "meet/1": "ran", "meet/2": "ran" });
});
