/**
 * A pipeline that includes others, from the command line to the results.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Document, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/all.yaml";

const FILES = {
  ...STAGES,
  "pipelines/one.yaml": `
params: { text: hello, marks: { calm: ".", loud: "!" }, voices: [calm] }
profiles: { both: { voices: [calm, loud] } }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  voice:
    uses: shout
    matrix: { voice: "\${params.voices}" }
    with: { mark: "\${params.marks[matrix.voice]}" }
    inputs: { text: first.text }
  all: { uses: join, inputs: { texts: [first.text, voice.text] } }
`,
  [FILE]: `
description: One pipeline in three ways
include:
  small: { pipeline: one.yaml }
  large: { pipeline: one.yaml, profile: both }
  other: { pipeline: one.yaml, profile: both, params: { text: bye } }
stages:
  overview: { uses: join, inputs: { texts: [small/all.text, large/all.text, other/all.text] } }
`,
};

Deno.test("a pipeline that includes others does once what they have in common", async () => {
  await using dir = await project(FILES);
  const plan = await dir.run("plan", FILE);
  assert.equal(
    plan.stdout,
    `
> small/first       never run before  (for 4 stages, also large/first)
? small/voice/calm  waits for small/first  (for 2 stages, also large/voice/calm)
? small/all         waits for small/first and small/voice/calm
? large/voice/loud  waits for small/first
? large/all         waits for small/first, small/voice/calm and large/voice/loud
> other/first       never run before  (for 3 stages)
? other/voice/calm  waits for other/first
? other/voice/loud  waits for other/first
? other/all         waits for other/first, other/voice/calm and other/voice/loud
? overview          waits for small/all, large/all and other/all

shout 4, join 4, say 2
10 stages: 2 would run, 8 to be decided when what they need is done
`.trimStart(),
  );

  const run = await dir.run("run", FILE, "--json");
  assert.equal(run.code, 0, run.stderr);
  assert.match(
    run.stderr,
    /\nTexts\n {2}stage {6}text *\n.*\n {2}small\/all {2}hello HELLO\.\n {2}large\/all {2}hello HELLO\. HELLO!\n {2}other\/all {2}bye BYE\. BYE!\n/,
  );
  const document: Document = JSON.parse(run.stdout);
  assert.deepEqual(document.metrics, {
    "small/voice/calm": { length: 6 },
    "large/voice/calm": { length: 6 },
    "large/voice/loud": { length: 6 },
    "other/voice/calm": { length: 4 },
    "other/voice/loud": { length: 4 },
  });
  assert.deepEqual(
    document.stages.slice(0, 2).map(({ id, aliases, usedBy }) => ({ id, aliases, usedBy })),
    [
      {
        id: "small/first",
        aliases: ["large/first"],
        usedBy: ["small/voice/calm", "small/all", "large/voice/loud", "large/all"],
      },
      {
        id: "small/voice/calm",
        aliases: ["large/voice/calm"],
        usedBy: ["small/all", "large/all"],
      },
    ],
  );
});

Deno.test("an included pipeline and the same by itself share all results", async () => {
  await using dir = await project(FILES);
  assert.deepEqual(await dir.statuses("pipelines/one.yaml", "--profile", "both"), {
    first: "ran",
    "voice/calm": "ran",
    "voice/loud": "ran",
    all: "ran",
  });
  const { "large/all": large, ...rest } = await dir.statuses(FILE);
  assert.equal(large, "hit");
  assert.deepEqual(rest, {
    "small/first": "hit",
    "small/voice/calm": "hit",
    "small/all": "ran",
    "large/voice/loud": "hit",
    "other/first": "ran",
    "other/voice/calm": "ran",
    "other/voice/loud": "ran",
    "other/all": "ran",
    overview: "ran",
  });
});

Deno.test("--set changes one included pipeline, and what is no longer equal is two", async () => {
  await using dir = await project(FILES);
  const ids = async (...sets: string[]) => {
    const { stdout } = await dir.run("plan", FILE, "--json", ...sets);
    const { stages }: Document = JSON.parse(stdout);
    return stages.map(({ id, aliases }) => [id, ...aliases].join(" = "));
  };
  assert.deepEqual(await ids("--set", "small.marks.calm=x", "--set", "other.text=hello"), [
    "small/first = large/first = other/first",
    "small/voice/calm",
    "small/all",
    "large/voice/calm = other/voice/calm",
    "large/voice/loud = other/voice/loud",
    "large/all = other/all",
    "overview",
  ]);
  const wrong = await dir.run("plan", FILE, "--set", "smal.text=x", "--set", "small.txt=x");
  assert.equal(wrong.code, 2);
  assert.equal(
    wrong.stderr,
    `
error: there is no param "smal"
  --set smal.text=x
        ^^^^ did you mean "small"?
  includes: small, large, other
`.trimStart(),
  );
});

Deno.test("mistakes of an included file are told with its name and line", async () => {
  await using dir = await project({
    ...FILES,
    "pipelines/one.yaml": FILES["pipelines/one.yaml"].replace("loud:", "lout:"),
  });
  const { code, stderr } = await dir.run("run", FILE);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    `
error: there is no param "marks.loud"
  pipelines/one.yaml:9:20
  9 |     with: { mark: "\${params.marks[matrix.voice]}" }
    |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean "lout"?
  matrix.voice is "loud"
  params.marks has: calm, lout
`.trimStart(),
  );
});
