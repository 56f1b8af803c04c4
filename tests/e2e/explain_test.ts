/**
 * Why a stage would run, and where a result comes from, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Project, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const PIPELINE = `
params: { text: hello, mark: "!" }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`;

/** Times and durations differ from run to run. */
async function explain(dir: Project, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await dir.run("explain", FILE, ...args);
  assert.equal(code, 0, stderr);
  return stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d, which took \d+\.\d s/g, "TIME");
}

Deno.test("explain says field by field what differs from the last result", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  assert.equal(
    await explain(dir, "first"),
    "first (say): would run, never run before\n" +
      "  there is no earlier result to compare it with\n",
  );
  await dir.run("run", FILE);
  dir.write({ "lib/loud.ts": "export const loud = (text: string) => text + '!';\n" });
  assert.equal(
    await explain(dir, "loud", "--set", "mark=xx"),
    `
loud (shout): would run
  compared with its last result, of TIME
  params.mark ! → xx
  code: lib/loud.ts changed
`.trimStart(),
  );
});

Deno.test("explain goes up to the stages that inputs come from", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  assert.equal(
    await explain(dir, "both", "--set", "text=hi"),
    `
both (join): waits for first and loud
  compared with its last result, of TIME; nothing of its own differs
    first (say): would run
      compared with its last result, of TIME
      params.text hello → hi
    loud (shout): waits for first
      compared with its last result, of TIME; nothing of its own differs
`.trimStart(),
  );

  await dir.run("run", FILE, "--set", "text=hi");
  assert.equal(
    await explain(dir, "both"),
    `
both (join): stored
  compared with its last result, of TIME
  input texts, first: 1 file changed (text.txt)
  input texts, loud: 1 file changed (text.txt)
    first (say): stored
      compared with an earlier result of it, of TIME
      params.text hi → hello
    loud (shout): stored
      compared with an earlier result of it, of TIME
      input text (from first): 1 file changed (text.txt)
`.trimStart(),
  );
});

Deno.test("explain compares a new stage with the most similar result of its kind", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: PIPELINE,
    "pipelines/q.yaml": `
stages:
  far: { uses: say, with: { text: bye, seed: 1 } }
  near: { uses: say, with: { text: hi, seed: 2 } }
`,
  });
  await dir.run("run", "pipelines/q.yaml");
  assert.equal(
    await explain(dir, "first", "--set", "text=hi"),
    `
first (say): would run, never run before
  compared with the most similar result, near of q, of TIME
  params.seed 2 → 0
`.trimStart(),
  );
});

Deno.test("explain --json has every field; an unknown stage is a mistake with a proposal", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  const { stdout } = await dir.run("explain", FILE, "loud", "--set", "mark=xx", "--json");
  const [{ key, comparedWith, ...rest }] = JSON.parse(stdout);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.deepEqual(Object.keys(comparedWith), [
    "key",
    "kinship",
    "madeBy",
    "startedAt",
    "seconds",
  ]);
  assert.deepEqual(rest, {
    id: "loud",
    uses: "shout",
    status: "would-run",
    reason: "params.mark ! → xx",
    differences: [{ kind: "param", name: "mark", before: "!", now: "xx" }],
    upstream: [],
  });
  const unknown = await dir.run("explain", FILE, "luod");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: there is no stage "luod"/);
  assert.match(unknown.stderr, /did you mean "loud"\?/);
});

const OUTSIDE = {
  ...STAGES,
  "stages/copy.ts": `
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Takes a text from outside",
  params: z.strictObject({ path: externalPath() }),
  inputs: {},
  outputs: { text: artifact("text") },
  async run({ params, outputs }) {
    await Deno.copyFile(params.path, outputs.text + "/text.txt");
  },
});
`,
  "data/text.txt": "hello",
  [FILE]: `
stages:
  first: { uses: copy, with: { path: data/text.txt } }
  loud: { uses: shout, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`,
};

Deno.test("show goes back from a result to the bytes from outside", async () => {
  await using dir = await project(OUTSIDE);
  const run = JSON.parse((await dir.run("run", FILE, "--json")).stdout);
  const digest: string = run.stages[2].outputs.text;
  const { code, stdout, stderr } = await dir.run("show", "last:both.text");
  assert.equal(code, 0, stderr);
  const shape = stdout.replaceAll(digest, "TREE").replace(/\b[0-9a-f]{12}\b/g, "DIGEST")
    .replace(/, \d{4}-\d\d-\d\d \d\d:\d\d, took \d+\.\d s/g, ", TIME")
    .replace(/^( *)(host|memory) .*$/gm, "$1$2").replaceAll(dir.folder, "DIR")
    .replace(/zod@[\d.]+/g, "zod@X");
  assert.equal(
    shape,
    `
text  TREE
both (join)  of p, TIME
  key       DIGEST
  code      DIGEST  3 modules
  packages  zod@X
  host
  memory
  from texts, first  DIGEST
    first (copy)  of p, TIME
      key       DIGEST
      outside   path DIR/data/text.txt  DIGEST
      code      DIGEST  3 modules
      packages  zod@X
      host
      memory
  from texts, loud  DIGEST
    loud (shout)  of p, TIME
      key       DIGEST
      param     mark "!"
      code      DIGEST  4 modules
      packages  zod@X
      host
      memory
      from text  DIGEST
        first (copy)  see above
`.trimStart(),
  );

  const names = [
    digest,
    digest.slice(0, 10),
    `.store/trees/${digest}/text.txt`,
    `${run.run}:both`,
    `${FILE}:both.text`,
  ];
  const documents = await Promise.all(names.map((name) => dir.run("show", name, "--json")));
  const [first, ...others] = documents.map(({ stdout }) => stdout);
  others.forEach((other, i) => assert.equal(other, first, names[i + 1]));

  const { format, artifact, results } = JSON.parse(first);
  assert.equal(format, 1);
  assert.deepEqual(artifact, { digest, output: "text", madeBy: run.stages[2].key });
  assert.deepEqual(
    Object.keys(results),
    run.stages.map(({ key }: { key: string }) => key)
      .toSorted((a: string) => a === artifact.madeBy ? -1 : 0),
  );
  assert.deepEqual(results[run.stages[0].key].outside, {
    paths: { path: dir.path("data/text.txt") },
    hosts: [],
  });
  assert.deepEqual(results[run.stages[1].key].inputs, [
    { name: "text", digest: run.stages[0].outputs.text, madeBy: run.stages[0].key },
  ]);
});

Deno.test("show says what there is instead of what is not there", async () => {
  await using dir = await project(OUTSIDE);
  await dir.run("run", FILE);
  const cases: [string, RegExp][] = [
    [
      "last:both.txet",
      /^error: run \S+ has no output "both\.txet"\n {2}did you mean "both\.text"\?/,
    ],
    ["lst:both.text", /^error: there is no run "lst"\n {2}did you mean "last"\?/],
    ["0123", /^error: there is no stored folder "0123"\n {2}expected one of\n/],
    ["data/text.txt", /^error: there is no stored folder "data\/text\.txt"\n/],
    [`${FILE}:boht.text`, /has no output "boht\.text"\n {2}did you mean "both\.text"\?/],
  ];
  for (const [name, message] of cases) {
    const { code, stdout, stderr } = await dir.run("show", name);
    assert.deepEqual([code, stdout], [2, ""], name);
    assert.match(stderr, message);
  }
  dir.write({ "data/text.txt": "bye" });
  const stale = await dir.run("show", `${FILE}:first.text`);
  assert.equal(
    stale.stderr,
    `error: first.text of ${FILE} is not in the store: ` +
      `params.path: ${dir.path("data/text.txt")} changed\n` +
      `  deno task run ${FILE} --until first makes it\n`,
  );
});

Deno.test("plan --cost tells how long what would run will take", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  const none = await dir.run("plan", FILE, "--cost");
  assert.match(none.stdout, /\n\nNothing would run: it costs no time\n$/);
  const { stdout } = await dir.run("plan", FILE, "--set", "text=hi", "--cost", "--jobs", "1");
  assert.match(
    stdout.replace(/\d+\.\d s/g, "TIME"),
    new RegExp(
      "\n {2}first +TIME +its last run\n {2}loud +TIME +its last run; may be stored\n" +
        " {2}both +TIME +its last run; may be stored\n\n" +
        "at least TIME of work, TIME with 1 processor\nat most TIME of work, " +
        "TIME with 1 processor\n$",
    ),
  );
  const { cost } = JSON.parse((await dir.run("plan", FILE, "--cost", "--json")).stdout);
  assert.deepEqual(cost.stages, []);
});

Deno.test("graph marks what is stored; lint checks files and shows all mistakes with code 2", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: PIPELINE,
    "pipelines/q.yaml": "stages: { a: { uses: sya }, b: { uses: say, with: { txet: x } } }\n",
  });
  await dir.run("run", FILE);
  const { stdout } = await dir.run("graph", FILE, "--set", "mark=xx");
  assert.equal(
    stdout,
    `
= first
  > loud  ← first.text
    ? both  ← first.text and loud.text

= stored   > would run   ? to be decided when what it needs is done
`.trimStart(),
  );
  assert.match((await dir.run("graph", FILE, "--format", "dot")).stdout, /^digraph "p" \{\n/);
  const wrong = await dir.run("graph", FILE, "--format", "png");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Allowed choices are text, dot, svg\./);

  const fine = await dir.run("lint", FILE);
  assert.deepEqual(fine, { code: 0, stdout: "1 file, 1 profile: no mistakes\n", stderr: "" });
  const linted = await dir.run("lint", FILE, "pipelines/q.yaml", "pipelines/gone.yaml");
  assert.equal(linted.code, 2);
  assert.equal(linted.stdout, "3 files, 3 profiles: 4 mistakes\n");
  assert.match(linted.stderr, /sya/);
  assert.match(linted.stderr, /txet/);
  assert.match(linted.stderr, /there is no file "pipelines\/gone\.yaml"/);
});

Deno.test("explain names the files that changed in a folder outside", async () => {
  await using dir = await project({
    ...OUTSIDE,
    "stages/copy.ts": OUTSIDE["stages/copy.ts"].replace(
      "params.path,",
      "`${params.path}/text.txt`,",
    ),
    "data/other.txt": "other",
    [FILE]: "stages: { first: { uses: copy, with: { path: data } } }\n",
  });
  await dir.run("run", FILE);
  dir.write({ "data/text.txt": "bye", "data/new.txt": "new" });
  Deno.removeSync(dir.path("data/other.txt"));
  const told = `params.path: ${dir.path("data")}: 1 file changed, 1 added, 1 removed ` +
    "(text.txt, new.txt, other.txt)";
  assert.match(await explain(dir, "first"), new RegExp(`\n {2}${RegExp.escape(told)}\n$`));
  const { stdout } = await dir.run("plan", FILE);
  assert.ok(stdout.startsWith(`> first  ${told}\n`), stdout);
});
