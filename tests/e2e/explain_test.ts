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
first (say): would run
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
