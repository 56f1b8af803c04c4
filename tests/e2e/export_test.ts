/**
 * A run in one file, from one machine to another without a network.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readFolder, type TestFolder, testFolder } from "../helpers/folder.ts";
import { type Project, project, statusesOf } from "../helpers/project.ts";
import { copyOfProject } from "../helpers/project_copy.ts";
import { NO_SMALL_DISKS, smallDisk } from "../helpers/small_disk.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  [FILE]: `
params: { text: hello }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`,
};

const ALL_HIT = { first: "hit", loud: "hit", both: "hit" };

/** Runs a command that must succeed. @returns what it prints */
async function succeed(dir: Project, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await dir.run(...args);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A project in which the pipeline has run, with the archive `run.tar` of that. */
async function exported(...args: string[]): Promise<Project> {
  const dir = await project(FILES);
  await succeed(dir, "run", FILE);
  await succeed(dir, "export", "last", "-o", "run.tar", ...args);
  return dir;
}

Deno.test("an imported run is a hit, and runs, show, diff and plan know it", async () => {
  await using here = await exported();
  await using there = await project(FILES);
  const [run] = JSON.parse(await succeed(here, "runs", "--json"));

  assert.equal(
    (await succeed(there, "import", here.path("run.tar"))).replace(/\(\d+ B\)/, "(SIZE)"),
    `run ${run.id} of pipelines/texts.yaml: 3 results imported (SIZE)\n`,
  );
  assert.deepEqual(JSON.parse(await succeed(there, "runs", "--json")), [run]);
  assert.match(await succeed(there, "plan", FILE), /^3 stages: 3 from cache$/m);
  assert.match(await succeed(there, "show", "last:both.text"), /^both \(join\) {2}of texts, /m);
  assert.deepEqual(await there.statuses(FILE, "--verify"), ALL_HIT);
  assert.equal((await there.run("cache", "verify")).code, 0);

  // Of a stage that changes it is known what it was before.
  assert.match(
    await succeed(there, "plan", FILE, "--set", "text=hi"),
    /first +params\.text hello → hi/,
  );
  assert.equal((await there.run("run", FILE, "--set", "text=hi")).code, 0);
  assert.match(await succeed(there, "diff", run.id, "last"), /params?\.text hello → hi/);
});

Deno.test("importing twice changes nothing", async () => {
  await using here = await exported();
  await using there = await project(FILES);
  await succeed(there, "import", here.path("run.tar"));
  const before = storeOf(there);
  assert.match(
    await succeed(there, "import", here.path("run.tar")),
    /: 0 results imported \(0 B\), 3 here already$/m,
  );
  assert.deepEqual(storeOf(there), before);
});

Deno.test("the same run makes the same bytes, in which there is no time and no owner", async () => {
  await using here = await exported();
  await succeed(here, "export", "last", "-o", "again.tar");
  const [first, again] = ["run.tar", "again.tar"].map((name) => Deno.readFileSync(here.path(name)));
  assert.deepEqual(again, first);
});

Deno.test("what is stored of a pipeline file can be exported too", async () => {
  await using here = await project(FILES);
  await using there = await project(FILES);
  await succeed(here, "run", FILE, "--until", "loud");
  const said = await succeed(here, "export", FILE, "-o", "part.tar");
  assert.match(said, /^no result: both$/m);
  assert.match(
    await succeed(there, "import", here.path("part.tar")),
    /^pipelines\/texts\.yaml: 2 results imported \(\d+ B\), 1 stage had none$/m,
  );
  assert.deepEqual(await there.statuses(FILE), { first: "hit", loud: "hit", both: "ran" });
});

Deno.test("a run of one stage brings what its inputs were made by; a failed one what it has", async () => {
  await using here = await project({
    ...FILES,
    "stages/bad.ts": stage(`throw new StageError("no luck");`),
    "pipelines/half.yaml": `
stages:
  good: { uses: say, with: { text: hi } }
  bad: { uses: bad }
`,
  });
  await using there = await project(FILES);
  await succeed(here, "run", FILE);
  await succeed(here, "run", FILE, "--only", "both", "--force", "both");
  await succeed(here, "export", "last", "-o", "one.tar");
  assert.match(await succeed(there, "import", here.path("one.tar")), /: 3 results imported /);
  assert.deepEqual(await there.statuses(FILE), ALL_HIT);

  assert.equal((await here.run("run", "pipelines/half.yaml", "--keep-going")).code, 1);
  assert.match(await succeed(here, "export", "last", "-o", "half.tar"), /^no result: bad$/m);
  assert.match(
    await succeed(there, "import", here.path("half.tar")),
    /: 1 result imported \(\d+ B\), 1 stage had none$/m,
  );
  assert.match(await succeed(there, "runs"), / half +default .* failed /);
});

Deno.test("--outputs final leaves out the files of what others are made from", async () => {
  await using here = await exported("--outputs", "final");
  await using there = await project(FILES);
  const said = await succeed(there, "import", here.path("run.tar"));
  assert.match(said, /^ {2}2 without files: to be looked at, and made again$/m);
  assert.match(await succeed(there, "show", "last:both.text"), /^ +loud \(shout\) {2}of texts/m);
  const { code, stderr } = await there.run("cache", "verify");
  assert.equal(code, 0, stderr);
  const plan = await there.run("plan", FILE);
  assert.match(plan.stdout, /^> first +its stored result is gone/m);
  assert.equal(plan.stderr, "");
  assert.deepEqual(await there.statuses(FILE), { first: "ran", loud: "ran", both: "hit" });

  // Nothing is taken from a store that has more.
  const again = await succeed(there, "import", here.path("run.tar"));
  assert.match(again, /: 0 results imported \(0 B\), 3 here already$/m);
  assert.deepEqual(await there.statuses(FILE, "--verify"), ALL_HIT);
});

Deno.test("the code comes along, and what has changed since the run is named instead", async () => {
  await using here = await exported();
  await using there = await project(FILES);
  const imported = (archive: string, folder: string) =>
    there.run("import", here.path(archive), "--code", folder);
  assert.equal((await imported("run.tar", "whole")).code, 0);
  const whole = readFolder(there.path("whole"));
  for (const path of ["stages/say.ts", "lib/loud.ts", FILE, "deno.json"]) {
    assert.equal(whole[path], here.read(path), path);
  }

  here.write({ "lib/loud.ts": "export const loud = (text: string) => text;\n" });
  here.write({ "stages/say.ts": `// Words about it.\n${here.read("stages/say.ts")}` });
  const said = await succeed(here, "export", "last", "-o", "changed.tar");
  assert.match(said, /^not in it: lib\/loud\.ts has changed since$/m);
  const { stdout } = await imported("changed.tar", "changed");
  assert.match(stdout, /^ {2}not in it: lib\/loud\.ts has changed since$/m);
  const changed = readFolder(there.path("changed"));
  assert.equal(changed["lib/loud.ts"], undefined);
  // What a key does not count may change.
  assert.equal(changed["stages/say.ts"], here.read("stages/say.ts"));

  here.write({ [FILE]: here.read(FILE).replace("hello", "bye") });
  assert.match(
    await succeed(here, "export", "last", "-o", "other.tar"),
    /^not in it: pipelines\/texts\.yaml has changed since, or data that it names: it no longer leads to first$/m,
  );

  const { code, stderr } = await imported("run.tar", "whole");
  assert.equal(code, 2);
  assert.match(stderr, /^error: Cannot unpack code into \S+: it is there already\n/);
});

Deno.test({
  name: "the code of an exported run of this project plans as it did where it was run",
  sanitizeResources: false,
  async fn() {
    await using here = await copyOfProject(join(import.meta.dirname!, "../.."));
    await here.write(
      "pipelines/small.yaml",
      "stages: { data: { uses: dataset_embedded, with: { train: 2, val: 2, pool: 2, crops: 2 } } }\n",
    );
    await here.run("pipelines/small.yaml");
    await here.say(["export", "last", "-o", here.path("run.tar")]);
    const elsewhere = ["--store", here.path("other")];
    const said = await here.say([
      "import",
      here.path("run.tar"),
      "--code",
      here.path("code"),
      ...elsewhere,
    ]);
    assert.match(said, /: 1 result imported \(/);
    const plan = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--allow-all",
        "--node-modules-dir=none",
        "runner/main.ts",
        "plan",
        "pipelines/small.yaml",
        ...elsewhere,
      ],
      cwd: here.path("code"),
      env: { NO_COLOR: "1", INIT_CWD: here.path("code") },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(plan.stdout) + new TextDecoder().decode(plan.stderr);
    assert.match(text, /^= data {2}from cache$/m);
  },
});

Deno.test("mistakes of the person are told", async () => {
  await using dir = await exported();
  const fails = async (pattern: RegExp, ...args: string[]) => {
    const { code, stderr } = await dir.run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /^ {4}at /m);
  };
  await fails(/^error: there is no run "lst"[^]*did you mean "last"\?/, "export", "lst");
  await fails(/run\.tar: it is there already\n {2}Remove it/, "export", "last", "-o", "run.tar");
  await fails(/x\.tar: there is no such folder\n/, "export", "last", "-o", "no/such/x.tar");
  await fails(/Cannot import none\.tar: there is no such file\n/, "import", "none.tar");
  await fails(/Cannot import stages: it is no file\n/, "import", "stages");
  await fails(/no tar file, or damaged/, "import", FILE);
  await fails(/no result of it is in the store/, "export", FILE, "--set", "text=new");
});

Deno.test({
  name: NO_SMALL_DISKS === undefined
    ? "a full disk is told on either side, leaves nothing, and with more room it works"
    : `a full disk (${NO_SMALL_DISKS})`,
  ignore: NO_SMALL_DISKS !== undefined,
  async fn() {
    await using here = await project({
      ...FILES,
      "stages/large.ts": stage(
        `await Deno.writeFile(context.outputs.out + "/large", new Uint8Array(400_000).fill(7));`,
      ),
      "pipelines/large.yaml": "stages: { large: { uses: large } }\n",
    });
    await succeed(here, "run", "pipelines/large.yaml");
    using disk = smallDisk(200);
    const onDisk = `${disk.path}/run.tar`;
    const full = await here.run("export", "last", "-o", onDisk);
    assert.equal(full.code, 2);
    assert.match(full.stderr, /^error: Cannot write \S+: the disk is full \(\d\.\d MiB free\)\n/);
    assert.deepEqual([...Deno.readDirSync(disk.path)], []);

    await succeed(here, "export", "last", "-o", "run.tar");
    const store = ["--store", `${disk.path}/store`];
    for (const kibibytes of [8, 40, 100, 300]) {
      disk.resize(kibibytes);
      const { code, stderr } = await here.run("import", "run.tar", ...store);
      assert.equal(code, 2, `${kibibytes} KiB: ${stderr}`);
      assert.match(stderr, /^error: .*: the disk is full \(\d\.\d MiB free\)\n/);
      assert.deepEqual(contentsIn(`${disk.path}/store`), [], `${kibibytes} KiB`);
    }
    disk.resize(2000);
    await succeed(here, "import", "run.tar", ...store);
    const again = await succeed(here, "run", "pipelines/large.yaml", "--json", ...store);
    assert.deepEqual(statusesOf(again), { large: "hit" });
  },
});

Deno.test({
  name: "a file that the system does not let grow is told on either side",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using here = await project({
      ...FILES,
      "stages/large.ts": stage(`
        using file = await Deno.open(context.outputs.out + "/large", { write: true, create: true });
        for (let i = 0; i < 65; i++) await file.write(new Uint8Array(1 << 20));
      `),
      "pipelines/large.yaml": "stages: { large: { uses: large } }\n",
    });
    await succeed(here, "run", "pipelines/large.yaml");
    await succeed(here, "export", "last", "-o", "run.tar");
    using cache = freshCache();
    const limit = `export DENO_DIR=${cache.path}; ulimit -f 65536`; // in units of 1 KiB
    const writing = await here.runBelow(limit, "export", "last", "-o", "limited.tar");
    assert.match(writing.stderr, /^error: Cannot write \S+: the system allows no larger file/);
    const reading = await here.runBelow(limit, "import", "run.tar", "--store", "other");
    assert.match(
      reading.stderr,
      /^error: Cannot write to the store \S+: the system allows no larger file\n/,
    );
    assert.deepEqual([writing.code, reading.code], [2, 2]);
    assert.deepEqual(contentsIn(here.path("other")), []);
    assert.throws(() => Deno.statSync(here.path("limited.tar.part")), Deno.errors.NotFound);
  },
});

/** All that a store keeps. */
function storeOf(dir: Project): Record<string, string> {
  const files = Object.entries(readFolder(dir.path(".store")));
  return Object.fromEntries(files.filter(([path]) => !/^(trees|lock)/.test(path)));
}

/** Paths of what a store has of results and runs, and of what is half-written. */
function contentsIn(store: string): string[] {
  const paths = Object.keys(readFolder(store));
  return paths.filter((path) => /^(objects|actions|runs|tmp)\/./.test(path));
}

/** Deno's cache without its databases, which grow beyond any limit: packages are those that are there. */
function freshCache(): TestFolder {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const folder = testFolder();
  for (const { name, isDirectory } of Deno.readDirSync(denoDir)) {
    if (isDirectory) Deno.symlinkSync(join(denoDir, name), join(folder.path, name));
  }
  return folder;
}
