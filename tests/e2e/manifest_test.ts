/**
 * What the manifest of a run tells of its command, of memory and of attempts that failed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunRecord } from "../../runner/runs/run_record.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** The newest manifest. */
function manifest(dir: Project): RunRecord {
  const names = [...Deno.readDirSync(dir.path(".store/runs"))].map(({ name }) => name).sort();
  return JSON.parse(dir.read(`.store/runs/${names.at(-1)}`));
}

Deno.test("the manifest has the choices of the command, and runs RUN the command itself", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: `
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: first.text } }
  other: { uses: say, with: { text: bye } }
`,
  });
  await dir.run("run", FILE, "--jobs", "3", "--fail-fast", "--until", "loud", "--force", "first");
  const { choices, id } = manifest(dir);
  assert.deepEqual(choices, {
    until: ["loud"],
    only: [],
    force: ["first"],
    keepGoing: false,
    executor: "local",
    jobs: 3,
  });
  const [listed] = JSON.parse((await dir.run("runs", "--json")).stdout);
  assert.deepEqual(listed.choices, choices);
  const { code, stdout } = await dir.run("runs", "last");
  assert.equal(code, 0);
  const lines = stdout.split("\n").map((line) => line.trim());
  assert.ok(lines[0].startsWith(`${id}  p, `), stdout);
  assert.ok(lines.includes(`command   deno task run ${FILE} --until loud`), stdout);
  assert.ok(
    lines.includes("ran on    this machine, 3 processors; until the first failure; forced first"),
    stdout,
  );

  await dir.run("run", FILE, "--only", "loud", "--check", "loud");
  assert.deepEqual([manifest(dir).choices?.only, manifest(dir).choices?.until], [["loud"], []]);
  await dir.run("run", FILE, "--check", "first");
  assert.deepEqual(manifest(dir).choices?.until, ["first"]);
  assert.deepEqual(JSON.parse((await dir.run("runs", "last", "--json")).stdout), manifest(dir));
});

Deno.test({
  name: "manifest and record tell memory, and code or signal of each failed attempt",
  ignore: Deno.build.os !== "linux", // elsewhere the system does not tell
  async fn() {
    await using dir = await project({
      ...STAGES,
      "stages/greedy.ts": stage(`
        const marks = [...Deno.readDirSync(context.scratch)].length;
        await Deno.writeTextFile(context.scratch + "/" + marks, "");
        const block = new Uint8Array(300 * 2 ** 20).fill(1);
        if (marks === 0) await new Promise(() => setInterval(() => block.fill(2), 5)); // until killed
        if (marks === 1) Deno.exit(7);
        await done();
      `),
      [FILE]: `
stages:
  greedy: { uses: greedy, retries: 1, resources: { memory: [200MiB, 4GiB] } }
  broken: { uses: say, with: { text: hello } }
`,
      "stages/say.ts": stage(`throw new StageError("no luck");`),
    });
    const { code, stderr } = await dir.run("run", FILE);
    assert.equal(code, 1, stderr);
    const { stages } = manifest(dir);
    const [greedy, broken] = stages;
    assert.equal(greedy.status, "ran", stderr);
    assert.ok((greedy.peakMemory ?? 0) > 300 * 2 ** 20, `${greedy.peakMemory}`);
    assert.deepEqual(
      greedy.failures?.map(({ attempt, kind, exitCode, signal }) => [
        attempt,
        kind,
        exitCode ?? signal,
      ]),
      [[1, "memory", "SIGKILL"], [2, "crash", 7]],
    );
    assert.ok((greedy.failures?.[0].peakMemory ?? 0) > 200 * 2 ** 20);
    assert.deepEqual(
      broken.failures?.map(({ attempt, kind, exitCode, message }) => [
        attempt,
        kind,
        exitCode,
        message,
      ]),
      [[1, "mistake", 1, "no luck"]],
    );
    assert.ok((broken.peakMemory ?? 0) > 10 * 2 ** 20, `${broken.peakMemory}`);

    // The record of the result has the same, and `show` tells it.
    const shown = JSON.parse((await dir.run("show", "last:greedy", "--json")).stdout);
    const [result] = Object.values<Record<string, unknown>>(shown.results);
    assert.deepEqual([result.peakMemory, result.failures], [greedy.peakMemory, greedy.failures]);
    const text = (await dir.run("show", "last:greedy")).stdout;
    assert.match(text, /^ {2}memory {4}\d+\.\d MiB$/m);
    assert.match(text, /^ {2}failed {4}attempt 2: code 7 after .* did not say why$/m);
    const [listed] = JSON.parse((await dir.run("runs", "--json")).stdout);
    assert.deepEqual(listed.failures.broken, broken.failures);
    const run = (await dir.run("runs", "last")).stdout;
    assert.match(run, /^ {2}greedy, attempt 1: SIGKILL after .*, \d+\.\d MiB$/m);
    assert.match(run, /^ {2}broken, attempt 1: code 1 after .*\n {4}no luck$/m);

    // A hit was not executed: nothing of it was used.
    await dir.run("run", FILE, "--until", "greedy");
    const [hit] = manifest(dir).stages;
    assert.deepEqual([hit.status, hit.peakMemory, hit.failures], ["hit", undefined, undefined]);
  },
});

Deno.test("manifests of earlier versions are still read", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: "stages: { a: { uses: say, with: { text: hi } } }\n",
  });
  await dir.run("run", FILE);
  const { choices: _, id, stages: [{ peakMemory: __, ...old }], ...rest } = manifest(dir);
  const path = dir.path(`.store/runs/${id}.json`);
  Deno.chmodSync(path, 0o644);
  Deno.writeTextFileSync(path, JSON.stringify({ id, ...rest, stages: [old] }));
  const listed = await dir.run("runs");
  assert.deepEqual([listed.code, listed.stderr], [0, ""]);
  const { code, stdout } = await dir.run("runs", "last");
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /ran on|undefined/);
});
