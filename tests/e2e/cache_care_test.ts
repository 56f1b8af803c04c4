/**
 * `cache ls`, `cache verify` and `cache gc`, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Collection } from "../../runner/commands/cache_gc.ts";
import type { StoreListing } from "../../runner/commands/cache_ls.ts";
import { project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  [FILE]: `
params: { mark: "!" }
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
`,
};

Deno.test("ls lists what each stage of each pipeline has stored", async () => {
  await using dir = await project(FILES);
  const empty = await dir.run("cache", "ls");
  assert.equal(empty.stdout, `The store ${dir.path(".store")} holds no results\n`);
  await dir.run("run", FILE);
  await dir.run("run", FILE, "--set", "mark=xx");
  const { stdout, code } = await dir.run("cache", "ls");
  assert.equal(code, 0);
  const lines = stdout.split("\n").map((line) => line.replace(/\d+(\.\d+)? (KiB|B|s)\b/g, "N $2"));
  assert.deepEqual(lines, [
    "",
    "texts",
    lines[2],
    lines[3],
    `  first  1        N KiB  now   now   N s`,
    `  loud   2        N KiB  now   now   N s`,
    "",
    "3 results: N KiB, made in N s",
    "",
  ]);
  assert.match(lines[2], /^ {2}stage +results +size +made +used +took$/);
  const listing: StoreListing = JSON.parse((await dir.run("cache", "ls", "--json")).stdout);
  assert.deepEqual(
    listing.stages.map(({ pipeline, stage, results }) => [pipeline, stage, results]),
    [["texts", "first", 1], ["texts", "loud", 2]],
  );
});

Deno.test("verify ends with 1 if something is wrong, and the next run mends it", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE);
  const whole = await dir.run("cache", "verify");
  assert.equal(whole.code, 0);
  assert.match(whole.stdout, /^2 results, \d+ files, \d+(\.\d)? K?i?B: nothing is wrong\n$/);

  // "hello", as the first stage has written it.
  const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  Deno.removeSync(dir.path(`.store/objects/2c/${digest}`));
  const broken = await dir.run("cache", "verify");
  assert.equal(broken.code, 1);
  const [what, affects] = broken.stdout.split("\n");
  assert.equal(what, `objects/2c/${digest} is missing`);
  assert.equal(affects, "  needed by texts: first");
  assert.match(broken.stdout, /: 1 thing wrong; what was broken is set aside in .*quarantine/);

  assert.deepEqual(await dir.statuses(FILE), { first: "ran", loud: "hit" });
  assert.equal((await dir.run("cache", "verify")).code, 0);
});

Deno.test("gc removes what no kept run has, and says before what that is", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE, "--set", "mark=xx");
  await dir.run("run", FILE);
  await new Promise((resolve) => setTimeout(resolve, 1010)); // what was just made stays

  const alone: Collection = JSON.parse((await dir.run("cache", "gc", "--json")).stdout);
  assert.deepEqual([alone.results, alone.contents.count], [[], 0]);

  const args = ["cache", "gc", "--keep-runs", "1"];
  const planned = await dir.run(...args, "--dry-run");
  assert.equal(planned.code, 0, planned.stderr);
  assert.match(planned.stdout, /\n {2}texts +loud +[0-9a-f]{12} +\d/);
  assert.match(planned.stdout, /\n1 result would go; making them again would take \d+\.\d s\n/);
  const collection: Collection = JSON.parse((await dir.run(...args, "--json")).stdout);
  assert.deepEqual(collection.results.map(({ stage, why }) => [stage, why]), [["loud", "unused"]]);
  assert.deepEqual(await dir.statuses(FILE), { first: "hit", loud: "hit" });
  assert.deepEqual(await dir.statuses(FILE, "--set", "mark=xx"), { first: "hit", loud: "ran" });
});

Deno.test("gc --keep keeps the results of a pipeline; a wrong size is a mistake", async () => {
  await using dir = await project({
    ...FILES,
    "pipelines/other.yaml": "stages: { other: { uses: say, with: { text: other } } }\n",
  });
  await dir.run("run", FILE);
  await dir.run("run", "pipelines/other.yaml");
  await new Promise((resolve) => setTimeout(resolve, 1010));
  const { stdout } = await dir.run(
    ...["cache", "gc", "--json", "--keep-runs", "0", "--max-size", "1B", "--keep", FILE],
  );
  const collection: Collection = JSON.parse(stdout);
  assert.deepEqual(collection.results.map(({ stage, why }) => [stage, why]), [["other", "size"]]);
  assert.deepEqual(await dir.statuses(FILE), { first: "hit", loud: "hit" });

  const wrong = await dir.run("cache", "gc", "--max-size", "much");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /'much' is invalid\. Expected a size such as 50GB\./);
});
