/**
 * Clocks that jump, and files that lie about their age: what counts is always the content.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { gate, gated } from "../helpers/gate.ts";
import { type Document, type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

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

/**
 * As if a person had set the clock: what counts the time since the machine began goes on, and with it
 * all timers.
 */
const FAKING = {
  LD_PRELOAD: FAKETIME ?? "",
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
  DONT_FAKE_MONOTONIC: "1", // its name in earlier versions
};

/** Asked for, because libfaketime 0.9.10 now and then waits for itself for ever. */
const ASKED_FOR = Deno.env.get("CLOCK_TESTS") !== undefined;

/** Registers a test that sets clocks. */
function test(name: string, fn: () => Promise<void>): void {
  const reason = FAKETIME === undefined
    ? " (libfaketime is not installed)"
    : ASKED_FOR
    ? ""
    : " (CLOCK_TESTS=1 runs it)";
  Deno.test({ name: `${name}${reason}`, ignore: reason !== "", fn });
}

test("a clock that jumps between runs changes nothing", async () => {
  await using dir = await project(files);
  assert.deepEqual(await dir.statuses(FILE), ALL_RAN);
  const at = async (time: string) => {
    const env = { ...FAKING, FAKETIME: time };
    const { code, stdout, stderr } = await dir.runWith(env, "run", FILE);
    assert.equal(code, 0, stderr);
    return /2 stages: (.*), \S+ s$/m.exec(stdout)?.[1];
  };
  for (const [i, time] of ["-400d", "+400d", "-20d", "+0", "@1971-01-01 00:00:00"].entries()) {
    assert.equal(await at(time), "2 from cache", time);
    rewrite(dir, i + 1);
    assert.equal(await at(time), "2 ran", time);
    assert.equal(await at(time), "2 from cache", time);
  }
  rewrite(dir, 0);
  assert.deepEqual(await dir.statuses(FILE), ALL_HIT);
});

/** Fails at once the first time that it may go on, and succeeds the second time. */
const FLAKY = (port: number) =>
  stage(
    `await (await fetch("http://localhost:${port}/started/flaky")).text();
    await (await fetch("http://localhost:${port}/wait/flaky")).text();
    const tried = context.scratch + "/tried";
    if (await Deno.stat(tried).then(() => false, () => true)) {
      await Deno.writeTextFile(tried, "");
      throw new Error("not yet");
    }
    await done();`,
    `net: () => ["localhost:${port}"],`,
  );

/** A manifest's part that tells the time. */
interface Times {
  startedAt: string;
  endedAt: string;
  seconds: number;
  stages: { seconds: number }[];
}

test("a clock that jumps during a run, to and fro, changes nothing and is counted nowhere", async () => {
  await using slow = gate();
  await using flaky = gate();
  await using dir = await project({
    ...STAGES,
    "stages/gated.ts": gated(slow.port),
    "stages/flaky.ts": FLAKY(flaky.port),
    [FILE]: `
stages:
  slow: { uses: gated, with: { name: slow }, timeout: 1h }
  flaky: { uses: flaky, timeout: 1h, retries: 1 }
  after: { uses: join, inputs: { texts: [slow.out, flaky.out] } }
`,
    "clock": "+0",
  });
  const setClock = (time: string) => {
    dir.write({ "clock.new": time });
    Deno.renameSync(dir.path("clock.new"), dir.path("clock"));
  };
  const env = {
    ...FAKING,
    FAKETIME_TIMESTAMP_FILE: dir.path("clock"),
    FAKETIME_NO_CACHE: "1",
  };
  const args = ["run", FILE, "--json", "--jobs", "2"];
  const first = dir.startWith(env, ...args);
  await Promise.all([slow.until(1), flaky.until(1)]);
  const second = dir.startWith(env, ...args);
  await Promise.all(["slow", "flaky"].map((id) => second.says(`· ${id}`)));

  setClock("+365d"); // two stages at work, another runner waits for them
  flaky.open();
  await first.says("! flaky  attempt 2 of 2");
  setClock("-365d"); // in the while before the second attempt
  await flaky.until(2);
  await first.says("✓ flaky");
  setClock("-20d");
  slow.open();

  const ended = await Promise.all([first.ended, second.ended]);
  assert.deepEqual(ended.map(({ code }) => code), [0, 0], ended.map((e) => e.stderr).join("\n"));
  assert.deepEqual([slow.started, flaky.started], [["slow"], ["flaky", "flaky"]]);
  const [own, others] = ended.map(({ stdout }): Document => JSON.parse(stdout));
  const outputs = (run: Document) => run.stages.map(({ outputs }) => outputs);
  assert.deepEqual(outputs(others), outputs(own));

  const runs = [...Deno.readDirSync(dir.path(".store/runs"))]
    .map(({ name }): Times => JSON.parse(dir.read(`.store/runs/${name}`)));
  assert.equal(runs.length, 2);
  for (const { startedAt, endedAt, seconds, stages } of runs) {
    assert.ok(endedAt < startedAt, "the clock did jump");
    for (const time of [seconds, ...stages.map(({ seconds }) => seconds)]) {
      assert.ok(time >= 0 && time < YEAR / 365, `${time} s`);
    }
  }
  assert.deepEqual([...Deno.readDirSync(dir.path(".store/claims"))], []);
  assert.deepEqual(await dir.statuses(FILE), { slow: "hit", flaky: "hit", after: "hit" });
});

Deno.test("what makes results reads no clock that can be set", async () => {
  // A checkpoint is due, and a second counted, by performance.now(), which nobody can set.
  const found: string[] = [];
  const root = join(import.meta.dirname ?? ".", "../..");
  const look = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) await look(path);
      else if (/\bDate\.now\b|\bnew Date\(\)/.test(await Deno.readTextFile(join(root, path)))) {
        found.push(path);
      }
    }
  };
  for (const folder of ["ml", "models", "stages"]) await look(folder);
  assert.deepEqual(found, []);
});
