/**
 * What stages share out among them, seen from within.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { stage } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Says which GPUs it sees. */
const GPUS = stage(
  `const seen = Deno.env.get("CUDA_VISIBLE_DEVICES");
   context.report.metric("seen", seen === undefined ? null : Number(seen.replaceAll(",", "")));
   await done();`,
);

Deno.test("stages are told which GPUs are theirs, within the person's own limit", async () => {
  await using dir = await project({
    "stages/gpus.ts": GPUS,
    [FILE]: `
stages:
  two: { uses: gpus, resources: { gpu: 2 } }
  one: { uses: gpus, with: { n: 1 }, resources: { gpu: 1 } }
  none: { uses: gpus, with: { n: 2 } }
`,
  });
  const outer = { CUDA_VISIBLE_DEVICES: "4,6,7" };
  const { stdout, stderr } = await dir.runWith(outer, "run", FILE, "--json", "--jobs", "1");
  assert.deepEqual(JSON.parse(stdout).metrics, {
    two: { seen: 46 },
    one: { seen: 4 },
    none: { seen: null },
  });
  assert.match(stderr, /^> two +never run before +on GPUs 4 and 6$/m);
  assert.match(stderr, /^> one +never run before +on GPU 4$/m);

  const refused = await dir.runWith(outer, "run", FILE, "--gpus", "0");
  assert.equal(refused.code, 0, "none at all: they are stored, and run without");
  const outside = await dir.runWith(outer, "run", FILE, "--gpus", "4,5");
  assert.equal(outside.code, 2);
  assert.match(outside.stderr, /^error: --gpus 4,5: 5 is not there\n {2}GPUs: 4, 6, 7, as CUDA_/);
});

/** Fails if another stage of its kind is at work. */
const ALONE = `
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Is alone",
  params: z.strictObject({ n: z.int() }),
  inputs: {},
  outputs: { out: artifact("text") },
  net: () => ["localhost:PORT"],
  async run({ params, outputs }) {
    const answer = await fetch("http://localhost:PORT/" + params.n);
    await Deno.writeTextFile(outputs.out + "/text.txt", await answer.text());
  },
});
`;

Deno.test("of stages that share a mutex or the last slot, one runs at a time", async () => {
  let [now, most] = [0, 0];
  await using server = Deno.serve({ port: 0, onListen() {} }, async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 100));
    now--;
    return new Response("done");
  });
  await using dir = await project({
    "stages/alone.ts": ALONE.replaceAll("PORT", String(server.addr.port)),
    [FILE]: `
slots: { line: 1 }
stages:
  a:
    uses: alone
    matrix: { n: [1, 2] }
    with: { n: "\${matrix.n}" }
    resources: { slots: { line: 1 } }
  b:
    uses: alone
    matrix: { n: [3, 4] }
    with: { n: "\${matrix.n}" }
    resources: { slots: { line: 1 }, mutex: [it] }
`,
  });
  const { code, stderr } = await dir.run("run", FILE, "--jobs", "4");
  assert.equal(code, 0, stderr);
  assert.equal(most, 1);

  const unknown = await dir.run("run", FILE, "--slots", "lime=2");
  assert.equal(unknown.code, 2);
  assert.equal(
    unknown.stderr,
    `
error: the pipeline has no slots "lime"
  --slots lime=2
          ^^^^ did you mean "line"?
  slots: line
`.trimStart(),
  );
});

Deno.test({
  name: "a stage that has outgrown its memory is started again with the next size",
  ignore: Deno.build.os !== "linux", // only Linux tells how much a process uses
  fn: async () => {
    await using dir = await project({
      "stages/large.ts": stage(
        `const block = new Uint8Array(300 * 1024 * 1024).fill(1);
         await new Promise((resolve) => setTimeout(resolve, 500));
         await done(String(block.length));`,
      ),
      [FILE]: "stages: { it: { uses: large, resources: { memory: [200MiB, 2GiB] } } }\n",
    });
    const { code, stderr } = await dir.run("run", FILE);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /^! it +attempt 2 of 2 with 2\.0 GiB of memory, because: stage "it" used .* limit is 200\.0 MiB$/m,
    );
  },
});

Deno.test("a stage that does not stop within its grace is killed, and that is told", async () => {
  await using dir = await project({
    "stages/stubborn.ts": stage(
      `void context.signal;
       for (;;) await new Promise((resolve) => setTimeout(resolve, 5));`,
    ),
    [FILE]: "stages: { it: { uses: stubborn, timeout: 1s, grace: 0.5s } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--quiet");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: stage "it" took longer than its timeout of 1\.0 s\n {2}it did not stop within its grace of 0\.5 s and was killed\n/,
  );
});
