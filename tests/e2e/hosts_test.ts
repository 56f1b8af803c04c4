/**
 * Runners on several machines that share a store: who is silent for long is dead, and nobody else.
 *
 * The machines are names in a namespace each; that is what a runner knows another machine by.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Gate, gate, gated } from "../helpers/gate.ts";
import { canRename, type Document, type Project, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const MAY = canRename();

/** Registers a test that is given a gate and a project with a stage that waits at it. */
function test(name: string, fn: (hold: Gate, dir: Project) => Promise<void>): void {
  Deno.test({
    name: MAY ? name : `${name} (this process may not name its machine)`,
    ignore: !MAY,
    async fn() {
      await using hold = gate();
      await using dir = await project({
        ...STAGES,
        "stages/gated.ts": gated(hold.port),
        [FILE]: `
stages:
  slow: { uses: gated, with: { name: slow } }
  after: { uses: shout, inputs: { text: slow.out } }
`,
      });
      await fn(hold, dir);
    },
  });
}

/** As short as a person may ask for. */
const IMPATIENT = { SR4IR_SILENCE: "3" };

const FIRST = "waits for another runner (first-host, process ";

function statuses(json: string): string[] {
  const run: Document = JSON.parse(json);
  return run.stages.map(({ status }) => status);
}

/** How often the owner of the only claim has said that it lives. */
function beats(dir: Project): number {
  const claims = dir.path(".store/claims");
  const [{ name: key }] = Deno.readDirSync(claims);
  const [{ name: owner }] = Deno.readDirSync(`${claims}/${key}`);
  return Number(Deno.readTextFileSync(`${claims}/${key}/${owner}`));
}

test(
  "a runner that was killed on another machine is silent, and its stage is taken over",
  async (hold, dir) => {
    const first = dir.startOn("first-host", {}, "run", FILE);
    await hold.until(1);
    const second = dir.startOn("second-host", IMPATIENT, "run", FILE, "--json");
    await second.says(FIRST + first.pid);
    first.kill("SIGKILL");
    await hold.until(2);
    hold.open();
    const { code, stdout, stderr } = await second.ended;
    await first.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(statuses(stdout), ["ran", "ran"]);
    assert.deepEqual([...Deno.readDirSync(dir.path(".store/claims"))], []);
  },
);

test(
  "a runner that lives on another machine keeps its stage, however long it takes",
  async (hold, dir) => {
    const patience = { SR4IR_SILENCE: "5" };
    const first = dir.startOn("first-host", {}, "run", FILE, "--json");
    await hold.until(1);
    const second = dir.startOn("second-host", patience, "run", FILE, "--json");
    await second.says(FIRST + first.pid);
    // It beats once a second at most: for longer than the silence that would count as death.
    for (const before = beats(dir); beats(dir) < before + 10;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(hold.started, ["slow"]);
    hold.open();
    const ended = await Promise.all([first.ended, second.ended]);
    assert.deepEqual(ended.map(({ code }) => code), [0, 0], ended[0].stderr + ended[1].stderr);
    assert.deepEqual(hold.started, ["slow"]);
    const [own, others] = ended.map(({ stdout }) => statuses(stdout));
    assert.equal(own[0], "ran");
    assert.equal(others[0], "hit");
  },
);

test(
  "a runner that slept and was taken for dead notices, and keeps nothing of the stage",
  async (hold, dir) => {
    const first = dir.startOn("first-host", {}, "run", FILE);
    await hold.until(1);
    const second = dir.startOn("second-host", IMPATIENT, "run", FILE, "--json");
    await second.says(FIRST + first.pid);
    first.kill("SIGSTOP");
    await hold.until(2);
    first.kill("SIGCONT");
    const { code, stderr } = await first.ended;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /another runner has taken over stage "slow": this one gave no sign of life/,
    );
    hold.open();
    const other = await second.ended;
    assert.equal(other.code, 0, other.stderr);
    assert.deepEqual(statuses(other.stdout), ["ran", "ran"]);
  },
);

Deno.test("a silence that is no time is a mistake", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: "stages: { it: { uses: say, with: { text: a } } }\n",
  });
  for (const value of ["soon", "2", "-1", "Infinity"]) {
    const { code, stderr } = await dir.runWith({ SR4IR_SILENCE: value }, "run", FILE);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `error: SR4IR_SILENCE is "${value}", not a number of seconds from 3 up\n` +
        "  it says after what silence a runner on another machine counts as dead; default 60\n",
    );
  }
});
