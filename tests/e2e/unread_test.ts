/**
 * A stage runs again for params that it has read, and not for others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Project, project } from "../helpers/project.ts";
import { readingStage as stage } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** A project with one stage `it`, whose params are the pipeline's. */
async function one(body: string, params: string, { contract = "", more = "" } = {}) {
  return await project({
    "stages/it.ts": stage(body, contract),
    [FILE]: `
params: ${params}
stages:
  it:
    uses: it
    with: { a: "\${params.a}", b: "\${params.b}", c: "\${params.c}" }
    ${more}
`,
  });
}

const run = async (dir: Project, ...sets: string[]) =>
  (await dir.statuses(FILE, ...sets.flatMap((set) => ["--set", set]))).it;

/** The record that a run ended with. */
function lastRecord(dir: Project) {
  const runs = [...Deno.readDirSync(dir.path(".store/runs"))].map(({ name }) => name)
    .filter((name) => name.endsWith(".json")).sort();
  const { stages } = JSON.parse(dir.read(`.store/runs/${runs.at(-1)}`));
  const { key } = stages[0];
  return JSON.parse(dir.read(`.store/actions/${key.slice(0, 2)}/${key}.json`)).record;
}

Deno.test("a param that a stage does not read can change without running it again", async () => {
  await using dir = await one(
    "await done(`${context.params.a.x} ${context.params.b}`);",
    "{ a: { x: 1, y: 2 }, b: 1, c: 1 }",
  );
  assert.equal(await run(dir), "ran");
  assert.deepEqual(lastRecord(dir).readParams, [["a", "x"], ["a"], ["b"]]);
  const plan = await dir.run("plan", FILE, "--set", "c=2", "--set", "a.y=7");
  assert.match(
    plan.stdout,
    /^= it {2}stored result of other values of params\.a\.y and params\.c, which it did not read$/m,
  );
  const explained = await dir.run("explain", FILE, "it", "--set", "c=2");
  assert.match(
    explained.stdout,
    /^it \(it\): stored result of another value of params\.c, which it did not read$/m,
  );
  // Until a run has taken it, it is shown as it was run.
  const before = await dir.run("show", `${FILE}:it.out`, "--set", "c=2");
  assert.match(before.stdout, /^ {2}param +c 1$/m);
  assert.equal(await run(dir, "c=2"), "hit");
  const { ranAs, material, readParams } = lastRecord(dir);
  assert.equal(ranAs.params.c, 1);
  assert.equal(material.params.c, 2);
  assert.deepEqual(readParams, [["a", "x"], ["a"], ["b"]]);
  // It is now a result like any other.
  assert.match((await dir.run("plan", FILE, "--set", "c=2")).stdout, /^= it {2}from cache$/m);
  const shown = await dir.run("show", "last:it.out");
  assert.match(shown.stdout, /^ {2}param +c 2 {2}\(not read; it was run with 1\)$/m);
  assert.equal((await dir.run("cache", "verify")).code, 0);

  assert.equal((await dir.statuses(FILE, "--set", "c=4", "--force", "it")).it, "ran");
  assert.equal(await run(dir, "c=2", "a.x=5"), "ran");
  assert.equal(await run(dir, "c=3", "a.x=5"), "hit");
  assert.equal(await run(dir, "c=3", "b=null"), "ran");
});

Deno.test("giving an optional param is a change, also of one that was only asked for", async () => {
  await using dir = await project({
    "stages/it.ts": stage(
      'await done(String(context.params.extra === undefined && !("other" in context.params)));',
    ),
    [FILE]: "stages: { it: { uses: it, with: { a: 1 } } }\n",
    "pipelines/extra.yaml": "stages: { it: { uses: it, with: { a: 1, extra: 1 } } }\n",
    "pipelines/other.yaml": "stages: { it: { uses: it, with: { a: 1, other: null } } }\n",
    "pipelines/a.yaml": "stages: { it: { uses: it, with: { a: 2 } } }\n",
  });
  assert.equal(await run(dir), "ran");
  assert.equal((await dir.statuses("pipelines/a.yaml")).it, "hit");
  assert.equal((await dir.statuses("pipelines/extra.yaml")).it, "ran");
  assert.equal((await dir.statuses("pipelines/other.yaml")).it, "ran");
});

Deno.test("what the runner uses of a stage's params counts as read", async () => {
  await using dir = await project({
    "stages/source.ts": stage("await done();"),
    "stages/it.ts": `
import { z } from "zod";
import { artifact, defineStage, externalPath, moduleIn } from "../runner/stage.ts";

export default defineStage({
  summary: "Reads nothing",
  params: z.strictObject({
    kind: z.string(),
    way: moduleIn("ways"),
    data: z.array(z.strictObject({ path: externalPath() })),
    host: z.string(),
    free: z.int(),
  }),
  inputs: { from: artifact("<kind>") },
  outputs: { out: artifact("text") },
  net: ({ host }) => [host],
  async run({ outputs }) {
    await Deno.writeTextFile(outputs.out + "/text.txt", "done");
  },
});
`,
    "ways/left.ts": "",
    "ways/right.ts": "",
    "data.txt": "data",
    [FILE]: `
params: { way: left, host: localhost, free: 1 }
stages:
  source: { uses: source }
  it:
    uses: it
    inputs: { from: source.out }
    with:
      kind: text
      way: "\${params.way}"
      data: [{ path: data.txt }]
      host: "\${params.host}"
      free: "\${params.free}"
`,
  });
  assert.equal(await run(dir), "ran");
  const key = (await dir.run("plan", FILE, "--json")).stdout;
  const { stages } = JSON.parse(key);
  const name = `.store/actions/${stages[1].key.slice(0, 2)}/${stages[1].key}.json`;
  assert.deepEqual(
    JSON.parse(dir.read(name)).record.readParams,
    [["data", "0", "path"], ["host"], ["kind"], ["way"]],
  );
  assert.equal(await run(dir, "free=2"), "hit");
  assert.equal(await run(dir, "host=localhost:1"), "ran");
  assert.equal(await run(dir, "way=right"), "ran");
  dir.write({ "data.txt": "other data" });
  assert.equal(await run(dir), "ran");
});

/** Fails at first, having read `a` and saved it; then reads `b` alone. */
const TWO_ATTEMPTS = `
const saved = context.scratch + "/saved";
try {
  Deno.statSync(saved);
} catch {
  await Deno.writeTextFile(saved, String(context.params.a));
  throw new StageError("saved");
}
await done((await Deno.readTextFile(saved)) + context.params.b);
`;

Deno.test("an attempt that goes on builds on what those before it have read", async () => {
  for (const retries of [0, 1]) {
    await using dir = await one(TWO_ATTEMPTS, "{ a: 1, b: 1, c: 1 }", {
      more: `retries: ${retries}`,
    });
    if (retries === 0) assert.equal(await run(dir), "failed");
    assert.equal(await run(dir), "ran");
    assert.deepEqual(lastRecord(dir).readParams, [["a"], ["b"]]);
    assert.equal(await run(dir, "c=2"), "hit");
    assert.match(
      (await dir.run("plan", FILE, "--set", "a=2")).stdout,
      /^> it {2}params\.a 1 → 2/m,
    );
  }
});

Deno.test("after an attempt of a version that did not tell what it read, all counts as read", async () => {
  await using dir = await one(TWO_ATTEMPTS, "{ a: 1, b: 1, c: 1 }");
  assert.equal(await run(dir), "failed");
  const [work] = [...Deno.readDirSync(dir.path(".store/work"))].map(({ name }) => name);
  const events = `.store/work/${work}/events`;
  const old = dir.read(events).split("\n").filter((line) => !line.includes('"read"'));
  dir.write({ [events]: old.join("\n").replace(',"tellsReads":true', "") });
  assert.equal(await run(dir), "ran");
  assert.equal("readParams" in lastRecord(dir), false);
  assert.match((await dir.run("plan", FILE, "--set", "c=2")).stdout, /^> it {2}params\.c 1 → 2$/m);
});

Deno.test("the cells of a matrix that differ in what is not read are run once, one after the other", async () => {
  await using dir = await project({
    "stages/it.ts": stage("await done();"),
    [FILE]: `
stages:
  it: { uses: it, matrix: { zip: { n: [1, 2], m: [3, 4] } }, with: { n: "\${matrix.n}" } }
`,
  });
  assert.deepEqual(await dir.statuses(FILE, "--jobs", "1"), { "it/1/3": "ran", "it/2/4": "hit" });
  assert.deepEqual(await dir.statuses(FILE), { "it/1/3": "hit", "it/2/4": "hit" });
});

Deno.test("a result of other params is shared and checked like any other", async () => {
  await using dir = await one("await done(String(context.params.a));", "{ a: 1, b: 1, c: 1 }");
  assert.equal(await run(dir), "ran");
  assert.equal(await run(dir, "c=2"), "hit");
  const remote = dir.path("remote");
  Deno.mkdirSync(remote);
  const push = await dir.run("cache", "push", FILE, "--set", "c=2", "--remote", remote);
  assert.equal(push.code, 0, push.stderr);
  const elsewhere = ["--store", dir.path("elsewhere"), "--remote", remote];
  const pull = await dir.run("cache", "pull", FILE, "--set", "c=2", ...elsewhere);
  assert.equal(pull.code, 0, pull.stderr);
  assert.equal(
    (await dir.statuses(FILE, "--set", "c=2", "--store", dir.path("elsewhere"))).it,
    "hit",
  );
  // Fetched, it serves other params too.
  assert.equal(
    (await dir.statuses(FILE, "--set", "c=3", "--store", dir.path("elsewhere"))).it,
    "hit",
  );

  const check = await dir.run("run", FILE, "--set", "c=2", "--check", "it");
  assert.equal(check.code, 0, check.stderr);
});
