/**
 * Runs of a part of a pipeline.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project, statusesOf } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const CHAIN = `
params: { word: hi }
stages:
  quiet: { uses: say, with: { text: "\${params.word}" } }
  loud: { uses: shout, inputs: { text: quiet.text } }
  louder: { uses: shout, inputs: { text: loud.text } }
  other: { uses: say, with: { text: x } }
`;

Deno.test("--until runs a stage with what it needs, --only it alone, on stored inputs", async () => {
  await using dir = await project({ ...STAGES, [FILE]: CHAIN });
  const refused = await dir.run("run", FILE, "--set", "word=it's", "--only", "louder");
  assert.equal(refused.code, 2);
  assert.equal(
    refused.stderr,
    `
error: louder needs results that are not stored: quiet and loud
  quiet: never run before
  loud: waits for quiet
  to make them: deno task run pipelines/p.yaml --set 'word=it'\\''s' --until quiet --until loud
`.trimStart(),
  );
  assert.deepEqual(await dir.statuses(FILE, "--until", "loud"), { quiet: "ran", loud: "ran" });
  assert.deepEqual(await dir.statuses(FILE, "--only", "louder"), {
    quiet: "hit",
    loud: "hit",
    louder: "ran",
  });
  const unknown = await dir.run("plan", FILE, "--only", "lowder");
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.stderr,
    /^error: there is no stage "lowder"\n {2}--only lowder\n.*"louder"\?/,
  );
  assert.equal((await dir.run("run", FILE, "--only", "loud", "--until", "loud")).code, 2);
});

Deno.test("--force runs a stage again, and what is behind it only if its bytes differ", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/count.ts": stage(
      `await done(context.params.chance ? crypto.randomUUID() : "same");`,
    ),
    [FILE]: `
stages:
  same: { uses: count, with: { chance: false } }
  chance: { uses: count, with: { chance: true } }
  after_same: { uses: join, inputs: { texts: [same.out] } }
  after_chance: { uses: join, inputs: { texts: [chance.out] } }
`,
  });
  await dir.statuses(FILE);
  assert.deepEqual(await dir.statuses(FILE), {
    same: "hit",
    chance: "hit",
    after_same: "hit",
    after_chance: "hit",
  });
  const { stdout } = await dir.run("plan", FILE, "--force", "same");
  assert.match(stdout, /^> same +forced to run again$/m);
  assert.match(stdout, /^\? after_same +waits for same$/m);
  const forced = await dir.run("run", FILE, "--force", "same", "--force", "chance", "--json");
  assert.deepEqual(statusesOf(forced.stdout), {
    same: "ran",
    chance: "ran",
    after_same: "hit",
    after_chance: "ran",
  });
  assert.match(
    forced.stderr,
    /^! "chance" has not made the same bytes as before; --check chance /m,
  );
  assert.doesNotMatch(forced.stderr, /"same" has not made/);
  const refused = await dir.run("run", FILE, "--until", "after_same", "--force", "chance");
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^error: --force chance: it is not among the stages of --until\n/,
  );
});
