/**
 * Stages that are run once more to see whether they make the same bytes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { stage } from "./stages.ts";

const FILE = "pipelines/p.yaml";

/** `verified` of all records in a store: stage id → what was found out. */
function verified(dir: { path(name: string): string }): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { name } of Deno.readDirSync(dir.path(".store/actions"))) {
    for (const file of Deno.readDirSync(dir.path(`.store/actions/${name}`))) {
      const text = Deno.readTextFileSync(dir.path(`.store/actions/${name}/${file.name}`));
      const { record } = JSON.parse(text);
      found[record.madeBy.id] = Object.keys(record.verified ?? {});
    }
  }
  return found;
}

Deno.test("--check finds stages whose result depends on chance, place, time or time zone", async () => {
  await using dir = await project({
    "stages/steady.ts": stage(`await done("same");`),
    "stages/chance.ts": stage(`
      await Deno.mkdir(context.outputs.out + "/deep");
      await Deno.writeTextFile(context.outputs.out + "/deep/a.txt", String(Math.random()));
      await Deno.writeTextFile(context.outputs.out + "/" + Math.random(), "");
      await done();`),
    "stages/place.ts": stage(`await done(context.outputs.out);`),
    "stages/year.ts": stage(`await done(String(new Date().getFullYear()));`),
    "stages/zone.ts": stage(`await done(new Date(0).toString());`),
    [FILE]: `
stages:
  steady: { uses: steady }
  chance: { uses: chance }
  place: { uses: place }
  year: { uses: year }
  zone: { uses: zone }
  unrelated: { uses: steady, with: { n: 1 } }
`,
  });
  const names = ["steady", "chance", "place", "year", "zone"];
  const args = names.flatMap((name) => ["--check", name]);
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json", ...args);
  assert.equal(code, 1);
  const { stages, checks } = JSON.parse(stdout);
  assert.deepEqual(stages.map(({ id }: { id: string }) => id), names, "no others are run");
  assert.deepEqual(
    checks.map(({ id, status, files, differences }: Record<string, unknown>) => [
      id,
      status,
      files,
      Array.isArray(differences) ? differences.length : undefined,
    ]),
    [
      ["steady", "verified", 1, 0],
      ["chance", "differs", 3, 3],
      ["place", "differs", 1, 1],
      ["year", "differs", 1, 1],
      ["zone", "differs", 1, 1],
    ],
  );
  assert.match(stderr, /^✓ steady {2}verified deterministic: the same 1 file again in \d\.\d s$/m);
  assert.match(
    stderr,
    /^✗ chance {2}not deterministic: 3 files of 3 not the same\n(.*\n){2} {4}out\/deep\/a\.txt differs$/m,
  );
  assert.deepEqual(verified(dir), {
    steady: ["deterministic"],
    chance: [],
    place: [],
    year: [],
    zone: [],
  });
  assert.deepEqual(await dir.statuses(FILE, "--only", "steady"), { steady: "hit" });
  assert.match(
    (await dir.run("show", `${FILE}:steady.out`)).stdout,
    /^ +verified +deterministic$/m,
  );
});

/** Adds up 0 + 1 + … in steps, saving each time how far it has come. */
const counter = (saved: string) =>
  stage(`
  const file = context.scratch + "/saved.json";
  let { step, total } = JSON.parse(await Deno.readTextFile(file).catch(() => '{"step":0,"total":0}'));
  const { signal } = context;
  for (; step < 40; step++) {
    total += step;
    context.report.progress(step + 1, 40, "steps");
    await Deno.writeTextFile(file + ".tmp", JSON.stringify(${saved}));
    await Deno.rename(file + ".tmp", file);
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await done(String(total));
`);

Deno.test("--check-resume stops stages on their way, and finds those that go on wrongly", async () => {
  await using dir = await project({
    "stages/right.ts": counter("{ step: step + 1, total }"),
    "stages/wrong.ts": counter("{ step: step + 1, total: 0 }"), // forgets what it had
    "stages/quick.ts": stage(`await done();`),
    [FILE]: "stages: { right: { uses: right }, wrong: { uses: wrong } }\n",
  });
  const args = ["--check-resume", "right", "--check-resume", "wrong", "--stops", "2", "--json"];
  const { code, stdout, stderr } = await dir.run("run", FILE, ...args);
  assert.equal(code, 1);
  const { checks } = JSON.parse(stdout);
  assert.deepEqual(
    checks.map(({ id, check, status }: Record<string, string>) => [id, check, status]),
    [["right", "resumable", "verified"], ["wrong", "resumable", "differs"]],
    stderr,
  );
  assert.match(stderr, /^✓ right {2}verified resumable: the same 1 file .* s, stopped at \d+ %/m);
  assert.deepEqual(verified(dir), { right: ["resumable"], wrong: [] });
});

Deno.test("a stage to check that is not there is a mistake", async () => {
  await using dir = await project({
    "stages/steady.ts": stage(`await done();`),
    [FILE]: "stages: { steady: { uses: steady } }\n",
  });
  const { code, stderr } = await dir.run("run", FILE, "--check", "stedy");
  assert.equal(code, 2);
  assert.match(stderr, /^error: there is no stage "stedy"\n {2}--check stedy\n/);
});
