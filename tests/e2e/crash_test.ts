/**
 * Runners and stages killed at random moments: the next run completes, with the results of an
 * undisturbed one, and leaves nothing of the disturbed ones behind.
 *
 * `CRASH_KILLS=500` kills so often, `CRASH_SEED=7` at other moments.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFolder } from "../helpers/folder.ts";
import { childrenOf } from "../helpers/killable_run.ts";
import { type Document, type Project, project, type Started } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const KILLS = Number(Deno.env.get("CRASH_KILLS") ?? 24);

const SEED = Number(Deno.env.get("CRASH_SEED") ?? 1);

/** Without a number of kills asked for, the test ends after so many milliseconds. */
const ENOUGH = 40_000;

const FILE = "pipelines/p.yaml";

/** Makes a folder with several files, some of them equal, in some milliseconds; saves half-way. */
const MANY = `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes several files",
  params: z.strictObject({ count: z.int() }),
  inputs: {},
  outputs: { files: artifact("texts"), index: artifact("text") },
  async run({ params, outputs, scratch }) {
    const saved = scratch + "/saved.txt";
    const before = await Deno.readTextFile(saved).catch(() => undefined);
    if (before !== undefined && before !== "half") throw new Error("half a checkpoint: " + before);
    await Deno.mkdir(outputs.files + "/deep/er", { recursive: true });
    await Deno.mkdir(outputs.files + "/empty");
    for (let i = 0; i < params.count; i++) {
      const text = String(i % 5).repeat(1000 * (i % 3));
      await Deno.writeTextFile(outputs.files + (i % 2 ? "/deep/er/" : "/") + i + ".txt", text);
      if (i * 2 === params.count) {
        await Deno.writeTextFile(saved + ".tmp", "half");
        await Deno.rename(saved + ".tmp", saved);
      }
    }
    await Deno.writeTextFile(outputs.index + "/text.txt", "0-" + params.count);
  },
});
`;

const PIPELINE = `
stages:
  files: { uses: many_files, with: { count: 30 } }
  more: { uses: many_files, with: { count: 12 } }
  hello: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: hello.text } }
  index: { uses: shout, inputs: { text: files.index } }
  all: { uses: join, inputs: { texts: [loud.text, index.text, more.index] } }
`;

/** Numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stage id → digests of its outputs. */
async function finalDigests(dir: Project): Promise<Record<string, Record<string, string>>> {
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json", "--verify");
  assert.equal(code, 0, stderr);
  const document: Document = JSON.parse(stdout);
  return Object.fromEntries(document.stages.map(({ id, outputs }) => [id, outputs]));
}

/** What a run must not leave behind: paths in the store. */
function leftBehind(dir: Project): string[] {
  return ["tmp", "work", "claims", "present", "quarantine"].flatMap((folder) => {
    try {
      return Object.keys(readFolder(dir.path(`.store/${folder}`)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** Kills the runner or one of its stages, if there is one. @returns whether it came in time */
function strike(run: Started, random: () => number): boolean {
  const stages = childrenOf(run.pid);
  const target = random() < 0.6 || stages.length === 0
    ? run.pid
    : stages[Math.floor(random() * stages.length)];
  try {
    Deno.kill(target, "SIGKILL");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: `after ${KILLS} kills at random moments every run completes to the same bytes`,
  ignore: Deno.build.os !== "linux",
  async fn() {
    const files = { ...STAGES, "stages/many_files.ts": MANY, [FILE]: PIPELINE };
    await using dir = await project(files);
    const begun = performance.now();
    const expected = await finalDigests(dir);
    const undisturbed = performance.now() - begun;
    const random = randomNumbers(SEED);

    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      if (!Deno.env.has("CRASH_KILLS") && performance.now() - begun > ENOUGH) break;
      Deno.removeSync(dir.path(".store"), { recursive: true });
      // Some runs are disturbed again and again before one is left in peace; some have company.
      const disturbed = 1 + Math.floor(random() * 4);
      for (let i = 0; i < disturbed; i++) {
        const runs = random() < 0.25 ? [dir.start("run", FILE), dir.start("run", FILE)] : [
          dir.start("run", FILE),
        ];
        await new Promise((resolve) => setTimeout(resolve, random() * undisturbed));
        if (strike(runs[0], random)) kills++;
        for (const run of runs) await run.ended;
      }
      const where = `seed ${SEED}, round ${round}, after ${kills} kills`;
      assert.deepEqual(await finalDigests(dir), expected, where);
      assert.deepEqual(leftBehind(dir), [], where);
    }
  },
});
