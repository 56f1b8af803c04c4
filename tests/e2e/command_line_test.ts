/**
 * What the command line says to a person's mistakes, and its help.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

Deno.test("mistakes are told on standard error, with code 2 and nothing on standard output", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: "stages: { a: { uses: say, with: { text: x } } }\n",
  });
  const cases: [string[], string][] = [
    [["run"], `error: which pipeline? Give the path of its file\n  deno task run ${FILE}\n`],
    [["runn", FILE], "error: unknown command 'runn'\n(Did you mean one of run, runs?)\n"],
    [
      ["run", FILE, "--profil", "x", "--json"],
      "error: unknown option '--profil'\n(Did you mean --profile?)\n",
    ],
    [
      ["run", FILE, "--jobs", "0"],
      "error: option '-j, --jobs <n>' argument '0' is invalid. " +
      "Expected a whole number from 1 up.\n",
    ],
    [
      ["plan", FILE, "--backend", "cuda"],
      "error: option '--backend <name>' argument 'cuda' is invalid. " +
      "Allowed choices are auto, tensorflow, webgpu, wasm.\n",
    ],
  ];
  const ended = await Promise.all(cases.map(([args]) => dir.run(...args)));
  cases.forEach(([args, stderr], i) => {
    assert.deepEqual(ended[i], { code: 2, stdout: "", stderr }, args.join(" "));
  });

  const unknown = await dir.run("run", "pipelines/q.yaml", "--json");
  assert.equal(unknown.code, 2);
  assert.equal(unknown.stdout, "");
  assert.match(unknown.stderr, /^error: there is no file "pipelines\/q\.yaml"/);
});

Deno.test("a mistake in a pipeline file shows the place, and no work is done", async () => {
  await using dir = await project({ ...STAGES, [FILE]: "stages:\n  a:\n    uses: sya\n" });
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json");
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^error: .*sya/);
  assert.match(stderr, /pipelines\/p\.yaml:3:11\n/);
  assert.match(stderr, /did you mean "say"\?/);
});

Deno.test("help shows examples", async () => {
  await using dir = await project({});
  const { code, stdout } = await dir.run("run", "--help");
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: deno task run \[options\] \[file\]/);
  assert.match(stdout, /\nExamples:\n {2}deno task run pipelines\/det_coco\.yaml\n/);
});

Deno.test("schema writes a schema that knows the stages", async () => {
  await using dir = await project({ ...STAGES });
  const { code, stdout, stderr } = await dir.run("schema", "-");
  assert.equal(code, 0, stderr);
  const schema = JSON.parse(stdout);
  assert.match(String(schema.$schema), /json-schema\.org/);
  assert.match(stdout, /"shout"/);
});
