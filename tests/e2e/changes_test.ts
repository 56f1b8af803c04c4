/**
 * Code and data that change while a run is under way never end up under the wrong key.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Ended, type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Runs a stage that waits for `change`, and behind it one that uses `lib/loud.ts`. */
async function runDuring(change: (dir: Project) => void, check: (ended: Ended) => void) {
  const ask: { dir?: Project } = {};
  await using server = Deno.serve({ port: 0, onListen() {} }, () => {
    if (ask.dir) change(ask.dir);
    return new Response("hello");
  });
  await using dir = await project({
    ...STAGES,
    "stages/wait.ts": stage(
      `await done(await (await fetch("http://localhost:${server.addr.port}")).text());`,
      `net: () => ["localhost:${server.addr.port}"],`,
    ),
    [FILE]: `
stages:
  wait: { uses: wait }
  loud: { uses: shout, inputs: { text: wait.out } }
`,
  });
  ask.dir = dir;
  check(await dir.run("run", FILE));
}

Deno.test("a stage whose code was edited since the run began is not started", async () => {
  await runDuring(
    (dir) => dir.write({ "lib/loud.ts": "export const loud = (text: string) => text + '!';\n" }),
    ({ code, stderr }) => {
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /^error: stage "loud" was not started: since the run began this has changed: .*lib\/loud\.ts/m,
      );
      assert.match(stderr, /^ {2}run again to use what is there now$/m);
    },
  );
});

Deno.test("a comment edited while a run is under way is no change", async () => {
  await runDuring(
    (dir) => dir.write({ "lib/loud.ts": `// Loud.\n${dir.read("lib/loud.ts")}` }),
    ({ code, stderr }) => assert.equal(code, 0, stderr),
  );
});

Deno.test("a stage whose code was edited while it started does not keep its result", async () => {
  await runDuring(
    (dir) =>
      dir.write({ "stages/wait.ts": `${dir.read("stages/wait.ts")}\nconsole.log("new");\n` }),
    ({ code, stderr }) => {
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /^error: the result of stage "wait" was not kept: while it ran .*stages\/wait\.ts/m,
      );
    },
  );
});
