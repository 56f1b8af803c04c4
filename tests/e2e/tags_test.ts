/**
 * Tags, seen from outside: what they keep, and where they stand for what they name.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Collection } from "../../runner/commands/cache_gc.ts";
import type { TagListing } from "../../runner/commands/cache_tag.ts";
import type { Ended, Project } from "../helpers/project.ts";
import { project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  [FILE]: `
params: { mark: "!", text: hello }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
  all: { uses: join, inputs: { texts: [loud.text] } }
`,
};

/** Removes all that nothing keeps. */
const EVERYTHING = ["cache", "gc", "--keep-runs", "0", "--older-than", "1s", "--max-size", "1B"];

async function succeeds(dir: Project, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await dir.run(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** What is made within a second of gc stays. */
async function pass(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1010));
}

Deno.test("gc removes nothing that a tagged run had or was made from, whatever it is told", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE, "--set", "text=gone");
  await dir.run("run", FILE);
  // A run of a single stage: its input was made by another run.
  await dir.run("run", FILE, "--only", "loud", "--set", "mark=xx");
  const said = await succeeds(dir, "cache", "tag", "paper-v1", "last");
  assert.match(
    said,
    /^paper-v1 is run \d{8}-\d{6}-\w{4} of texts: 2 results \(\d+\.\d KiB\), kept until .* untag paper-v1\n$/,
  );
  await pass();

  const planned = await succeeds(dir, ...EVERYTHING, "--dry-run");
  assert.match(planned, /\n5 results would go; making them again would take \d+\.\d s\n/);
  assert.match(
    planned,
    /\ntag paper-v1 keeps 2 results, \d+\.\d KiB; 2 of them would go without tags\n/,
  );
  const swept: Collection = JSON.parse(await succeeds(dir, ...EVERYTHING, "--json"));
  assert.equal(swept.results.length, 5);
  assert.deepEqual(
    swept.tags.map(({ name, results, wouldGo }) => ({ name, results, wouldGo })),
    [{ name: "paper-v1", results: 2, wouldGo: 2 }],
  );
  assert.equal((await dir.run("cache", "verify")).code, 0);
  assert.deepEqual(await dir.statuses(FILE, "--set", "mark=xx", "--until", "loud"), {
    first: "hit",
    loud: "hit",
  });

  await succeeds(dir, "cache", "untag", "paper-v1");
  await pass();
  const rest: Collection = JSON.parse(await succeeds(dir, ...EVERYTHING, "--json"));
  assert.deepEqual([rest.results.length, rest.tags], [2, []]);
});

Deno.test("a tagged result stays with what it was made from, and nothing else does", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE);
  await succeeds(dir, "cache", "tag", "best", `${FILE}:loud.text`);
  const [tag]: TagListing[] = JSON.parse(await succeeds(dir, "cache", "tags", "--json"));
  assert.deepEqual([tag.name, tag.what, tag.stored], ["best", "loud.text of texts", 2]);
  await pass();
  const swept: Collection = JSON.parse(await succeeds(dir, ...EVERYTHING, "--json"));
  assert.deepEqual(swept.results.map(({ stage }) => stage), ["all"]);
  assert.match(await succeeds(dir, "show", "best"), /^text {2}[0-9a-f]{64}\nloud \(shout\)/);
});

Deno.test("a damaged tag keeps gc from removing anything", async () => {
  await using dir = await project(FILES);
  await dir.run("run", FILE);
  await succeeds(dir, "cache", "tag", "best", "last");
  await pass();
  dir.write({ ".store/tags/best": "" });
  const { code, stderr } = await dir.run(...EVERYTHING);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    `error: Cannot read the tag "best": tags/best of the store ${
      dir.path(".store")
    } has changed, ` +
      `or another version wrote it\n  deno task cache untag best removes it; then tag again\n`,
  );
  assert.deepEqual(await dir.statuses(FILE), { first: "hit", loud: "hit", all: "hit" });
});

Deno.test("a tag stands wherever a run or a stored folder does", async () => {
  await using dir = await project({ ...FILES, "shared/README": "a remote cache" });
  await dir.run("run", FILE, "--set", "mark=xx");
  await succeeds(dir, "cache", "tag", "before", "last");
  await succeeds(dir, "cache", "tag", "loudest", "last:loud");
  await dir.run("run", FILE);

  const before = dir.run("show", "before:loud.text");
  const same = (a: Ended, b: Ended) => assert.deepEqual([a.code, a.stdout], [0, b.stdout]);
  same(await before, await dir.run("show", "last~1:loud.text"));
  same(await dir.run("show", "loudest"), await before);
  same(await dir.run("show", "before"), await dir.run("show", "last~1:all.text"));
  same(await dir.run("diff", "before", "last"), await dir.run("diff", "last~1", "last"));
  same(await dir.run("metrics", "before", "last"), await dir.run("metrics", "last~1", "last"));
  same(
    await dir.run("tensorboard", "before", "a", "--json").then(({ stdout, ...rest }) => ({
      ...rest,
      stdout: stdout.replaceAll(dir.path("a"), dir.path("b")),
    })),
    await dir.run("tensorboard", "last~1", "b", "--json"),
  );
  const given = await succeeds(dir, "cache", "push", "loudest", "--remote", "shared");
  assert.equal(given, "2 results shared\n");
  await succeeds(dir, "cache", "tag", "again", "before");
  const tags: TagListing[] = JSON.parse(await succeeds(dir, "cache", "tags", "--json"));
  const [again, first] = tags;
  assert.deepEqual([again.name, again.names, again.keys], ["again", first.names, first.keys]);
});

Deno.test("what cannot be tagged, or is no tag, is told with what can be", async () => {
  await using dir = await project(FILES);
  const mistake = async (...args: string[]) => {
    const { code, stderr } = await dir.run(...args);
    assert.equal(code, 2);
    return stderr;
  };
  assert.match(
    await mistake("cache", "tag", "a", "last"),
    /^error: there is no run "last": nothing was run yet/,
  );
  assert.equal(
    await succeeds(dir, "cache", "tags").then((text) => text.split(" in ")[0]),
    "There are no tags",
  );
  await dir.run("run", FILE);
  assert.match(await mistake("cache", "tag", "last", "last"), /it looks like a past run/);
  assert.match(await mistake("cache", "tag", "a", "lsat"), /lsat"\n {2}did you mean "last"\?/);
  await succeeds(dir, "cache", "tag", "paper", "last:loud");
  assert.match(await mistake("cache", "tag", "paper", "last"), /there is a tag "paper" already/);
  assert.match(await mistake("diff", "paper", "last"), /the tag "paper" names a result, not a run/);
  assert.match(await mistake("show", "papre"), /did you mean "paper"\?/);
  assert.match(await mistake("diff", "papre", "last"), /did you mean "paper"\?/);
});
