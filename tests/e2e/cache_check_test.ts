/**
 * `cache check`: what it finds, and that the same seed finds it again.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { CacheProof } from "../../runner/commands/cache_check.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  "stages/chance.ts": stage(`await done(String(Math.random()));`),
  [FILE]: `
params: { mark: "!" }
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
`,
  "pipelines/chance.yaml": "stages: { it: { uses: chance } }\n",
};

async function check(
  dir: Project,
  ...args: string[]
): Promise<{ code: number; proof: CacheProof }> {
  const { code, stdout, stderr } = await dir.run("cache", "check", "--json", ...args);
  assert.notEqual(stdout, "", stderr);
  return { code, proof: JSON.parse(stdout) };
}

const ALL = ["--sample", "100%", "--stages", "9"];

Deno.test("check reads a sample, runs a stage of a past run again, and says how much that was", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE, "--set", "mark=xx");
  await dir.run("run", FILE);
  const { code, stdout, stderr } = await dir.run("cache", "check");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    new RegExp(
      "^✓ \\w+ {2}verified deterministic: the same 1 file again in \\d+\\.\\d s\n" +
        "read 1 of 7 files, \\d+ B of \\d+ B\n" +
        "ran 1 of 3 stages again; the store has 3 results\n" +
        "nothing is wrong\n" +
        "the same choice again: deno task cache check --sample 5% --stages 1 --seed \\d+\n$",
    ),
  );
  const { proof } = await check(dir, ...ALL);
  assert.deepEqual(proof.looked, proof.all);
  assert.deepEqual(proof.checks.map(({ id }) => id).sort(), ["first", "loud", "loud"]);
});

Deno.test("the same seed chooses the same files and stages", async () => {
  await using dir = await project(FILES);
  for (const mark of ["a", "b", "c"]) await dir.run("run", FILE, "--set", `mark=${mark}`);
  const args = ["--sample", "2", "--seed", "7"];
  const [first, again] = [(await check(dir, ...args)).proof, (await check(dir, ...args)).proof];
  assert.equal(first.seed, 7);
  assert.equal(first.looked.contents, 2);
  assert.deepEqual(again.looked, first.looked);
  assert.deepEqual(again.checks.map(({ id }) => id), first.checks.map(({ id }) => id));
});

Deno.test("check names the files that are not what they were, and the stages that need them", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE);
  // "hello", as the first stage has written it; a bit flips, and neither size nor time tell.
  const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const object = dir.path(`.store/objects/2c/${digest}`);
  const { mtime } = Deno.statSync(object);
  Deno.chmodSync(object, 0o644);
  Deno.writeTextFileSync(object, "hallo");
  Deno.utimeSync(object, mtime ?? 0, mtime ?? 0);
  const { code, proof } = await check(dir, "--sample", "100%", "--stages", "0");
  assert.equal(code, 1);
  assert.deepEqual(proof.findings, [{
    what: `objects/2c/${digest}`,
    problem: "does not have the content that its name says",
    affects: ["texts: first"],
  }]);
  const gone = await check(dir, "--sample", "100%", "--stages", "0");
  assert.deepEqual([gone.code, gone.proof.findings[0].problem], [1, "is missing"]);
  assert.deepEqual(await dir.statuses(FILE), { first: "ran", loud: "hit" });
  assert.equal((await check(dir, ...ALL)).code, 0);
});

Deno.test("check names a stage that does not make the same bytes again", async () => {
  await using dir = await project(FILES);
  await dir.run("run", "pipelines/chance.yaml");
  const { code, stdout } = await dir.run("cache", "check");
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^✗ it {2}not deterministic: 1 file of 1 not the same\n {4}out\/text\.txt differs\n/,
  );
  assert.match(stdout, /\n1 thing wrong\n/);
});

Deno.test("a stage whose code is another now is not run, and no other is taken for it", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE);
  dir.write({ "lib/loud.ts": "export const loud = (text: string) => text;\n" });
  const { code, proof } = await check(dir, ...ALL);
  assert.deepEqual([code, proof.candidates, proof.results], [0, 1, 2]);
  assert.deepEqual(proof.checks.map(({ id }) => id), ["first"]);
  Deno.removeSync(dir.path(FILE));
  const { stdout } = await dir.run("cache", "check");
  assert.match(stdout, /\nno stage of a past run has the code and the inputs that it had, so none/);
});

Deno.test("what is no sample is a mistake", async () => {
  await using dir = await project(FILES);
  const wrong = await dir.run("cache", "check", "--sample", "101%");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'101%' is invalid\. Expected no more than 100%\./);
});
