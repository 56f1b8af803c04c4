/**
 * Several runners on one store: each stage is run once, and who dies holds nobody up.
 *
 * @module
 */
import assert from "node:assert/strict";
import { lifeOf, processOwner } from "../../runner/store/owner.ts";
import { type Gate, gate, gated } from "../helpers/gate.ts";
import { type Document, type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

function sharedProject({ port }: Gate, stages: string): Promise<Project> {
  return project({ ...STAGES, "stages/gated.ts": gated(port), [FILE]: stages });
}

const ONE = `
stages:
  slow: { uses: gated, with: { name: slow } }
  after: { uses: shout, inputs: { text: slow.out } }
`;

function claimsLeft(dir: Project): string[] {
  return [...Deno.readDirSync(dir.path(".store/claims"))].map(({ name }) => name);
}

Deno.test("of three runners one runs a stage, the others wait and take it from the store", async () => {
  await using hold = gate();
  await using dir = await sharedProject(hold, ONE);
  const first = dir.start("run", FILE, "--json");
  await hold.until(1);
  const others = [dir.start("run", FILE, "--json"), dir.start("run", FILE, "--json")];
  await Promise.all(others.map((run) => run.says("waits for another runner")));
  hold.open();
  const ended = await Promise.all([first, ...others].map((run) => run.ended));
  assert.deepEqual(ended.map(({ code }) => code), [0, 0, 0], ended[1].stderr);
  assert.deepEqual(hold.started, ["slow"]);
  const documents: Document[] = ended.map(({ stdout }) => JSON.parse(stdout));
  const fates = (id: string) =>
    documents.map((run) => run.stages.find((stage) => stage.id === id)?.status).sort();
  assert.deepEqual([fates("slow"), fates("after")], [["hit", "hit", "ran"], ["hit", "hit", "ran"]]);
  assert.match(
    ended[1].stderr,
    new RegExp(`^· slow +waits for another runner \\(\\S+, process ${first.pid}\\)$`, "m"),
  );
  assert.deepEqual(claimsLeft(dir), []);
});

Deno.test("who waits for a stage does others meanwhile, also with a single processor", async () => {
  await using hold = gate();
  await using dir = await sharedProject(
    hold,
    `${ONE}  other: { uses: say, with: { text: hello } }\n`,
  );
  const first = dir.start("run", FILE, "--until", "slow");
  await hold.until(1);
  const second = dir.start("run", FILE, "--jobs", "1");
  await second.says("✓ other");
  hold.open();
  assert.equal((await first.ended).code, 0);
  const { code, stdout } = await second.ended;
  assert.equal(code, 0);
  assert.match(stdout, /3 stages: \d ran, \d from cache/);
  assert.deepEqual(hold.started, ["slow"]);
});

Deno.test("when the runner that was waited for is killed, another takes over in seconds", async () => {
  await using hold = gate();
  await using dir = await sharedProject(hold, ONE);
  const first = dir.start("run", FILE);
  await hold.until(1);
  const second = dir.start("run", FILE, "--json");
  await second.says("waits for another runner");
  first.kill("SIGKILL");
  const killed = performance.now();
  await hold.until(2);
  const seconds = (performance.now() - killed) / 1000;
  assert.ok(seconds < 5, `took over after ${seconds} s`);
  hold.open();
  const { code, stdout } = await second.ended;
  await first.ended;
  assert.equal(code, 0);
  const run: Document = JSON.parse(stdout);
  assert.deepEqual(run.stages.map(({ status }) => status), ["ran", "ran"]);
  assert.deepEqual(claimsLeft(dir), []);
});

Deno.test("Ctrl-C ends a run that waits at once, and the other goes on", async () => {
  await using hold = gate();
  await using dir = await sharedProject(hold, ONE);
  const first = dir.start("run", FILE);
  await hold.until(1);
  const second = dir.start("run", FILE);
  await second.says("waits for another runner");
  const pressed = performance.now();
  second.kill("SIGINT");
  const { code } = await second.ended;
  assert.equal(code, 130);
  assert.ok(performance.now() - pressed < 2000);
  hold.open();
  assert.equal((await first.ended).code, 0);
});

Deno.test("a stage that another runner was stopped in is run by who waited", async () => {
  await using hold = gate();
  await using dir = await sharedProject(hold, ONE);
  const first = dir.start("run", FILE);
  await hold.until(1);
  const second = dir.start("run", FILE);
  await second.says("waits for another runner");
  first.kill("SIGINT"); // the stage saves nothing, so it ends at once
  assert.equal((await first.ended).code, 130);
  await hold.until(2);
  hold.open();
  assert.equal((await second.ended).code, 0);
});

Deno.test("four runners on a pipeline of many stages run each stage once", async () => {
  const texts = Array.from({ length: 6 }, (_, i) => i);
  await using dir = await project({
    ...STAGES,
    [FILE]: `
stages:
  say: { uses: say, matrix: { text: [${
      texts.map((i) => `t${i}`)
    }] }, with: { text: "\${matrix.text}" } }
${texts.map((i) => `  loud${i}: { uses: shout, inputs: { text: say/t${i}.text } }`).join("\n")}
  all: { uses: join, inputs: { texts: [${texts.map((i) => `loud${i}.text`)}] } }
`,
  });
  const runs = Array.from({ length: 4 }, () => dir.start("run", FILE, "--json"));
  const ended = await Promise.all(runs.map((run) => run.ended));
  const stages = ended.flatMap(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    const run: Document = JSON.parse(stdout);
    return run.stages;
  });
  const byId = Map.groupBy(stages, ({ id }) => id);
  assert.equal(byId.size, 13);
  for (const [id, four] of byId) {
    assert.deepEqual(four.map(({ status }) => status).sort(), ["hit", "hit", "hit", "ran"], id);
    assert.equal(new Set(four.map(({ outputs }) => JSON.stringify(outputs))).size, 1, id);
  }
  assert.deepEqual(claimsLeft(dir), []);
});

Deno.test("a stage too busy to see that its runner was killed is ended before it starts again", async () => {
  await using dir = await project({
    "stages/busy.ts": stage(`
      const started = context.scratch + "/started";
      if (await Deno.stat(started).then(() => true, () => false)) return await done();
      await Deno.writeTextFile(started + ".tmp", String(Deno.pid));
      await Deno.rename(started + ".tmp", started);
      const end = performance.now() + 30_000;
      while (performance.now() < end);
    `),
    [FILE]: "stages: { it: { uses: busy } }\n",
  });
  const run = dir.start("run", FILE);
  const pid = await until(() => {
    try {
      const [{ name }] = Deno.readDirSync(dir.path(".store/work"));
      return Number(dir.read(`.store/work/${name}/scratch/started`));
    } catch {
      return undefined; // not yet
    }
  });
  const busy = processOwner(pid);
  run.kill("SIGKILL");
  await run.ended;
  assert.equal(lifeOf(busy), "alive");
  assert.deepEqual(await dir.statuses(FILE), { it: "ran" });
  assert.equal(lifeOf(busy), "dead");
});

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
