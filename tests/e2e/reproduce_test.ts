/**
 * `reproduce`: whether the results of a past run can still be had, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Ended, type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const PIPELINE = `
params: { text: hello, mark: "!" }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: first.text } }
`;

const OTHER_CODE = { "lib/loud.ts": "export const loud = (text: string) => text + '!';\n" };

/** Rows of the table: stage, how it was had now, verdict, numbers. */
function rows({ stdout }: Ended): string[][] {
  const lines = stdout.split("\n");
  const start = lines.findIndex((line) => line.includes("───")) + 1;
  return lines.slice(start, lines.indexOf("", start))
    .map((line) => line.trim().split(/ {2,}/)).filter((cells) => cells.length >= 5)
    .map(([stage, now, _then, _now, ...rest]) => [stage, now, ...rest]);
}

function lastLine({ stdout }: Ended): string {
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}

Deno.test("reproduce runs the same once more: what is stored is taken, and compared", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE, "--set", "mark=xx", "--until", "loud");
  await dir.run("run", FILE);
  const checked = await dir.run("reproduce", "last~1", "--check");
  assert.deepEqual([checked.code, checked.stdout, checked.stderr], [
    0,
    "nothing has changed: 2 stages with the keys of then\n2 of 2 results are stored\n",
    "",
  ]);
  assert.equal(JSON.parse((await dir.run("runs", "--json")).stdout).length, 2, "nothing was run");

  const again = await dir.run("reproduce", "last~1");
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(rows(again), [
    ["first", "stored", "same"],
    ["loud", "stored", "same", "length 7"],
  ]);
  assert.equal(lastLine(again), "the same as then: 2 stages, with the same number");
  const [newest] = JSON.parse((await dir.run("runs", "--json")).stdout);
  assert.deepEqual([newest.sets, newest.choices.until], [["mark=xx"], ["loud"]]);
});

Deno.test("--again executes every stage beside the store, and finds what is not deterministic", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/dice.ts": stage(`
      context.report.metric("sides", 6);
      await done(crypto.randomUUID());
    `),
    [FILE]: PIPELINE + "  dice: { uses: dice }\n",
  });
  await dir.run("run", FILE);
  const before = [...Deno.readDirSync(dir.path(".store/runs"))].map(({ name }) => name);
  const again = await dir.run("reproduce", "last", "--again");
  assert.equal(again.code, 1, again.stderr);
  assert.deepEqual(rows(again), [
    ["first", "made again", "same"],
    ["loud", "made again", "same", "length 6"],
    ["dice", "made again", "different", "sides 6"],
  ]);
  assert.match(
    again.stdout,
    /^ {2}dice: output out: 1 file changed \(text\.txt\)\n {2}dice: made of the same as then/m,
  );
  assert.equal(lastLine(again), "not the same as then: of 3 stages 1 different, 2 the same");
  // Nothing of it is left in the store.
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/runs"))].map(({ name }) => name), before);
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/tmp"))], []);

  const loud = await dir.run("reproduce", "last", "--stage", "loud");
  assert.equal(loud.code, 0, loud.stderr);
  assert.deepEqual(rows(loud), [["loud", "made again", "same", "length 6"]]);
  assert.match(loud.stderr, /^= first {2}from cache$/m);
  const unknown = await dir.run("reproduce", "last", "--stage", "luod");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^error: there is no stage "luod"\n {2}--stage luod\n.*"loud"\?/);

  const json = JSON.parse((await dir.run("reproduce", "last", "--again", "--json")).stdout);
  assert.deepEqual(
    json.results.map(({ id, verdict, sameKey }: Record<string, unknown>) => [id, verdict, sameKey]),
    [["first", "same", true], ["loud", "same", true], ["dice", "different", true]],
  );
});

/** Another pipeline than that of the run: a default, the code, a stage more and one less. */
async function changed(): Promise<Project> {
  const dir = await project({
    ...STAGES,
    [FILE]: PIPELINE + "  old: { uses: join, inputs: { texts: [loud.text] } }\n",
  });
  await dir.run("run", FILE);
  dir.write({
    ...OTHER_CODE,
    [FILE]: PIPELINE.replace("text: hello", "text: hi") +
      "  young: { uses: say, with: { text: bye } }\n",
  });
  return dir;
}

Deno.test("what is different now is told, stage by stage, on the inputs of then", async () => {
  await using dir = await changed();
  const { code, stdout } = await dir.run("reproduce", "last", "--check");
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `
first
  params.text hello → hi
loud
  code: lib/loud.ts changed
old
  is not in the pipeline any more
not part of the run: young
3 of 3 stages are not what they were
3 of 3 results are stored
`.trimStart(),
  );
  const json = await dir.run("reproduce", "last", "--check", "--json");
  assert.equal(json.code, 1);
  assert.deepEqual(
    JSON.parse(json.stdout).stages.map(({ id, status }: Record<string, string>) => [id, status]),
    [["first", "changed"], ["loud", "changed"], ["young", "new"], ["old", "gone"]],
  );
  const anyway = await dir.run("reproduce", "last", "--anyway");
  assert.equal(anyway.code, 1);
  assert.deepEqual(rows(anyway), [
    ["first", "made again", "different"],
    ["loud", "made again", "different", "length 6 → 4"],
    ["old", "not made", "missing"],
  ]);
  assert.doesNotMatch(anyway.stderr, /young/);
});

Deno.test("a run that cannot be had as it was is refused, unless --anyway", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  dir.write(OTHER_CODE);
  const refused = await dir.run("reproduce", "last");
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /^error: run \S+ cannot be had as it was: 1 of 2 stages is not what it was\n {2}loud: code: lib\/loud\.ts changed\n {2}deno task reproduce last --check .*\n {2}deno task reproduce last --anyway .*\n$/,
  );
  const anyway = await dir.run("reproduce", "last", "--anyway");
  assert.equal(anyway.code, 1, anyway.stderr);
  assert.deepEqual(rows(anyway), [
    ["first", "stored", "same"],
    ["loud", "made again", "different", "length 6 → 7"],
  ]);
  assert.doesNotMatch(anyway.stdout, /made of the same/);
});

Deno.test("what was removed from the store is made again; a failed run has nothing to compare", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/fail.ts": stage(`throw new StageError("no luck");`),
    [FILE]: PIPELINE,
    "pipelines/q.yaml": "stages: { fail: { uses: fail } }\n",
  });
  await dir.run("run", FILE);
  Deno.removeSync(dir.path(".store/actions"), { recursive: true });
  const again = await dir.run("reproduce", "last");
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^0 of 2 results are stored$/m);
  assert.deepEqual(rows(again), [
    ["first", "made again", "same"],
    ["loud", "made again", "same", "length 6"],
  ]);
  await dir.run("run", "pipelines/q.yaml");
  const failed = await dir.run("reproduce", "last");
  assert.equal(failed.code, 2);
  assert.match(
    failed.stderr,
    /^error: run \S+ made nothing that could be compared: it was failed\n/,
  );
});
