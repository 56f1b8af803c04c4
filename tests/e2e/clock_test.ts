/**
 * Clocks that jump, and files that lie about their age: what counts is always the content.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Project, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const READ = `
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Copies a text",
  params: z.strictObject({ source: externalPath() }),
  inputs: {},
  outputs: { text: artifact("text") },
  async run({ params, outputs }) {
    await Deno.copyFile(params.source + "/text.txt", outputs.text + "/text.txt");
  },
});
`;

const files = {
  ...STAGES,
  "stages/read.ts": READ,
  "data/text.txt": "text 0",
  [FILE]: `
stages:
  read: { uses: read, with: { source: ./data } }
  loud: { uses: shout, inputs: { text: read.text } }
`,
};

const ALL_RAN = { read: "ran", loud: "ran" };
const ALL_HIT = { read: "hit", loud: "hit" };

/** Writes a text of the same length, so that only times tell that it is another. */
function rewrite(dir: Project, i: number): void {
  Deno.writeTextFileSync(dir.path("data/text.txt"), `text ${i}`);
}

const YEAR = 365 * 24 * 3600;

Deno.test("edits are seen whatever times the files claim", async () => {
  await using dir = await project(files);
  assert.deepEqual(await dir.statuses(FILE), ALL_RAN);
  const now = Date.now() / 1000;
  const source = dir.path("data/text.txt");
  // The future, the past, the beginning, and twice the same time.
  const times = [now + YEAR, now - YEAR, 0, now - 60, now - 60];
  for (const [i, time] of times.entries()) {
    rewrite(dir, i + 1);
    Deno.utimeSync(source, time, time);
    assert.deepEqual(await dir.statuses(FILE), ALL_RAN, `edit ${i}`);
    assert.deepEqual(await dir.statuses(FILE), ALL_HIT, `edit ${i}`);
  }
  // Newer by its time, equal by its content.
  Deno.utimeSync(source, now, now);
  Deno.utimeSync(dir.path("lib/loud.ts"), now + YEAR, now + YEAR);
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
});

/** Where the Debian package libfaketime puts what lies to a process about the time. */
const FAKETIME = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

Deno.test({
  name: FAKETIME === undefined
    ? "a clock that jumps between runs changes nothing (libfaketime is not installed)"
    : "a clock that jumps between runs changes nothing",
  ignore: FAKETIME === undefined,
  async fn() {
    await using dir = await project(files);
    assert.deepEqual(await dir.statuses(FILE), ALL_RAN);
    const at = async (time: string) => {
      const env = { LD_PRELOAD: FAKETIME ?? "", FAKETIME: time };
      const { code, stdout, stderr } = await dir.runWith(env, "run", FILE);
      assert.equal(code, 0, stderr);
      return /2 stages: (.*), \S+ s$/m.exec(stdout)?.[1];
    };
    for (const [i, time] of ["-400d", "+400d", "-20d", "+0", "1971-01-01 00:00:00"].entries()) {
      assert.equal(await at(time), "2 from cache", time);
      rewrite(dir, i + 1);
      assert.equal(await at(time), "2 ran", time);
      assert.equal(await at(time), "2 from cache", time);
    }
    rewrite(dir, 0);
    assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
  },
});
