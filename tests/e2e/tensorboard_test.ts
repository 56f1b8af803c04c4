/**
 * Curves and metrics of stored stages, written for TensorBoard.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

Deno.test("tensorboard writes a folder for each stored stage that has reported something", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/learn.ts": stage(
      `for (let i = 1; i <= 3; i++) context.report.point("loss", i, context.params.n / i);
       await done();`,
    ),
    [FILE]: `
stages:
  learn: { uses: learn, matrix: { n: [1, 2] }, with: { n: "\${matrix.n}" } }
  silent: { uses: say, with: { text: x } }
  loud: { uses: shout, inputs: { text: silent.text } }
`,
  });
  await dir.run("run", FILE, "--until", "learn/1", "--until", "loud");
  const args = ["tensorboard", FILE, "curves", "--json"];
  const { code, stdout, stderr } = await dir.run(...args);
  assert.equal(code, 0, stderr);
  const { folder, stages, notStored } = JSON.parse(stdout);
  assert.deepEqual(stages.map(({ id }: { id: string }) => id), ["learn/1", "loud"]);
  assert.deepEqual([folder, notStored], [dir.path("curves"), 1]);
  assert.match(
    dir.read(`curves/${stages[0].file.slice(folder.length + 1)}`),
    /brain\.Event:2.*loss/s,
  );

  assert.equal((await dir.run(...args)).stdout, stdout, "the same files again");
  assert.equal([...Deno.readDirSync(dir.path("curves/loud"))].length, 1);
  const past = await dir.run("tensorboard", "last", "past", "--json");
  assert.deepEqual(JSON.parse(past.stdout).stages.map(({ id }: { id: string }) => id), [
    "learn/1",
    "loud",
  ]);
  const wrong = await dir.run("tensorboard", "last~7", "past");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^error: there is no run "last~7"/);
  const said = await dir.run("tensorboard", FILE, "curves");
  assert.equal(
    said.stdout,
    "Wrote curves and metrics of 2 stages to curves; 1 stage not stored\n" +
      "  tensorboard --logdir curves\n",
  );
});
