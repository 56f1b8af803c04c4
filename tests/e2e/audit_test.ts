/**
 * Audits: what stages touch, against what they declare.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** Declares this and that, and touches other things. */
const SLOPPY = `
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Does not do what it declares",
  params: z.strictObject({ data: externalPath(), other: z.string(), trees: z.string() }),
  inputs: { text: artifact("text"), more: artifact("text") },
  outputs: { out: artifact("text") },
  images: true,
  net: () => ["localhost:9", "unused.example"],
  async run({ params, inputs, outputs }) {
    await Deno.readTextFile(inputs.text + "/text.txt");
    await Deno.readTextFile(params.other + "/link.txt");
    await Deno.readTextFile(params.other + "/missing.txt").catch(() => "");
    for (const { name } of Deno.readDirSync(params.trees)) {
      await Deno.readTextFile(params.trees + "/" + name + "/text.txt");
    }
    await Deno.connect({ hostname: "127.0.0.1", port: 9 }).catch(() => undefined);
    Deno.env.get("MY_SECRET");
    Deno.hostname();
    await Deno.writeTextFile(outputs.out + "/text.txt", "x");
  },
});
`;

Deno.test("audit says what a stage touches and does not declare, and the other way round", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/sloppy.ts": SLOPPY,
    "data/a.txt": "a",
    "other/real.txt": "b",
    [FILE]: `
stages:
  one: { uses: say, with: { text: one } }
  two: { uses: say, with: { text: two } }
  three: { uses: say, with: { text: three } }
  it:
    uses: sloppy
    with: { data: ./data, other: DIR/other, trees: DIR/.store/trees }
    inputs: { text: one.text, more: two.text }
  loud: { uses: shout, inputs: { text: three.text } }
`,
  });
  dir.write({ [FILE]: dir.read(FILE).replaceAll("DIR", dir.folder) });
  Deno.symlinkSync("real.txt", dir.path("other/link.txt"));

  const early = await dir.run("audit", FILE, "it");
  assert.equal(early.code, 2);
  assert.match(early.stderr, /^error: it needs results that are not stored: one and two\n/);

  await dir.run("run", FILE, "--until", "one", "--until", "two", "--until", "loud");
  await dir.run("run", FILE, "--until", "it"); // fails, and makes the folders of its inputs
  const { code, stdout, stderr } = await dir.runWith({ MY_SECRET: "x" }, "audit", FILE, "it");
  assert.equal(code, 1, stderr);
  const text = stdout.replaceAll(dir.folder, "DIR").replace(/trees\/[0-9a-f]{64}/g, "trees/…");
  assert.equal(
    text,
    `
it
  reads what other stages made:
      DIR/.store/trees/…/text.txt
    → add an input to the contract, inputs: { more: artifact("…") }, and connect it: inputs: { more: three.text }
  reads what counts in no key:
      DIR/other/real.txt
      DIR/.store/trees
    → add a parameter and give the path in it: params: z.strictObject({ path: externalPath() })
  talks to:
      127.0.0.1:9
    → add net: () => ["127.0.0.1:9"]
  asks the system for:
      hostname
    → leave it out: stages do not get this
  does not read the paths in:
      data
    → drop them, if they are never read
  does not talk to:
      localhost:9
      unused.example
    → drop them from net, if they are never talked to
  loads no native code
    → drop images: true
  looks for what is not there:
      DIR/other/missing.txt
    → nothing, unless it was meant to find it
  asks for variables that stages do not get:
      MY_SECRET
    → nothing if it goes on without; else pass what it needs in a parameter
`.trimStart(),
  );
  assert.deepEqual(await dir.statuses(FILE, "--only", "one"), { one: "hit" });
});

Deno.test("audit has nothing to say of a stage that declares all it touches", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: `
stages:
  one: { uses: say, with: { text: one } }
  loud: { uses: shout, inputs: { text: one.text } }
`,
  });
  await dir.run("run", FILE, "--until", "one");
  const { code, stdout } = await dir.run("audit", FILE, "loud");
  assert.equal(code, 0);
  assert.match(stdout, /^loud\n {2}declares all of the \d+ paths it touches\n$/);
  const { stdout: plan } = await dir.run("plan", FILE);
  assert.match(plan, /^> loud +never run before/m, "nothing is stored");
});

Deno.test("audit tells of a stage that fails under way, and of a word that is missing", async () => {
  await using dir = await project({
    "stages/broken.ts": stage(`throw new StageError("Cannot go on");`),
    [FILE]: "stages: { it: { uses: broken } }\n",
  });
  const { code, stdout } = await dir.run("audit", FILE, "it");
  assert.equal(code, 1);
  assert.match(stdout, /failed, so what it would have touched later is not known: Cannot go on$/m);
  const { code: mistake, stderr } = await dir.run("audit", FILE);
  assert.equal(mistake, 2);
  assert.match(stderr, /expected: deno task audit FILE STAGE/);
  const unknown = await dir.run("audit", FILE, "if");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: there is no stage "if"\n {2}audit FILE if\n {2,}\^\^ did/);
});

Deno.test("a link in declared data that leads out of it is refused by audit and run alike", async () => {
  await using dir = await project({
    "stages/sloppy.ts": SLOPPY.replace(/inputs: \{ text[^\n]*/, "inputs: {},")
      .replace(/await Deno.readTextFile\(inputs[^\n]*/, ""),
    "data/a.txt": "a",
    "secret.txt": "b",
    [FILE]: `
stages: { it: { uses: sloppy, with: { data: ./data, other: /x, trees: /x } } }
`,
  });
  Deno.symlinkSync("../secret.txt", dir.path("data/link.txt"));
  const { code, stderr } = await dir.run("audit", FILE, "it");
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: .*\/data\/link\.txt is a link to .*\/secret\.txt, outside the decl/m,
  );
  const run = await dir.run("run", FILE, "--quiet");
  assert.equal(run.code, 1);
  assert.match(run.stderr, /data\/link\.txt is a link to .*\/secret\.txt, outside the declared/);
});

Deno.test("a link that someone has put into a stored input is gone before a stage reads it", async () => {
  await using dir = await project({
    ...STAGES,
    "secret.txt": "secret",
    [FILE]: `
params: { mark: "!" }
stages:
  one: { uses: say, with: { text: one } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: one.text } }
  all: { uses: join, inputs: { texts: [loud.text] } }
`,
  });
  const first = await dir.run("run", FILE, "--json");
  const trees = [...Deno.readDirSync(dir.path(".store/trees"))].map(({ name }) => name);
  for (const tree of trees) {
    Deno.removeSync(dir.path(`.store/trees/${tree}/text.txt`));
    Deno.symlinkSync(dir.path("secret.txt"), dir.path(`.store/trees/${tree}/text.txt`));
  }
  const again = await dir.run("run", FILE, "--json", "--force", "loud");
  assert.equal(again.code, 0, again.stderr);
  const outputs = ({ stdout }: { stdout: string }) =>
    JSON.parse(stdout).stages.map(({ outputs }: { outputs: unknown }) => outputs);
  assert.deepEqual(outputs(again), outputs(first));
});
