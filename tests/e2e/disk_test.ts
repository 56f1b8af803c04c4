/**
 * Disks that are full, read-only or elsewhere: what a person is told, and that nothing wrong stays.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Document, type Project, project, statusesOf } from "../helpers/project.ts";
import { NO_SMALL_DISKS, smallDisk } from "../helpers/small_disk.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const PIPELINE = `
params: { mark: "!" }
stages:
  hello: { uses: say, with: { text: hello } }
  big: { uses: big }
  loud: { uses: shout, with: { mark: "\${params.mark}" }, inputs: { text: hello.text } }
  all: { uses: join, inputs: { texts: [loud.text, hello.text] } }
`;

/** Writes 160 kB in four files. */
const BIG = stage(`
  for (let i = 1; i <= 4; i++) {
    await Deno.writeFile(context.outputs.out + "/" + i, new Uint8Array(40_000).fill(i));
  }
`);

const files = { ...STAGES, "stages/big.ts": BIG, [FILE]: PIPELINE };

const ALL_HIT = { hello: "hit", big: "hit", loud: "hit", all: "hit" };

const small = {
  name: (what: string) => NO_SMALL_DISKS === undefined ? what : `${what} (${NO_SMALL_DISKS})`,
  ignore: NO_SMALL_DISKS !== undefined,
};

/** Stage id → digests of its outputs. */
async function outputsIn(dir: Project, store: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await dir.run("run", FILE, "--json", "--store", store);
  assert.equal(code, 0, stderr);
  const document: Document = JSON.parse(stdout);
  return Object.fromEntries(document.stages.map(({ id, outputs }) => [id, outputs]));
}

Deno.test({
  name: small.name("wherever a disk fills up, it is said, and with more room the run completes"),
  ignore: small.ignore,
  async fn() {
    await using dir = await project(files);
    const expected = await outputsIn(dir, dir.path(".store"));
    for (const kibibytes of [4, 16, 48, 80, 120, 160, 200]) {
      using disk = smallDisk(kibibytes);
      const store = `${disk.path}/store`;
      const { code, stderr } = await dir.run("run", FILE, "--store", store);
      assert.equal(code, 1, `${kibibytes} KiB: ${stderr}`);
      const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
      assert.ok(errors.length > 0, stderr);
      for (const error of errors) assert.match(error, /: the disk is full \(\d\.\d MiB free\)$/);
      assert.doesNotMatch(stderr, /^ {4}at |os error/m);

      disk.resize(4000);
      assert.deepEqual(await outputsIn(dir, store), expected, `${kibibytes} KiB`);
      assert.deepEqual(
        statusesOf((await dir.run("run", FILE, "--json", "--verify", "--store", store)).stdout),
        ALL_HIT,
      );
    }
  },
});

Deno.test({
  name: small.name("a full disk serves what it holds"),
  ignore: small.ignore,
  async fn() {
    await using dir = await project(files);
    using disk = smallDisk(4000);
    const expected = await outputsIn(dir, disk.path);
    fill(`${disk.path}/rest`);
    assert.deepEqual(await outputsIn(dir, disk.path), expected);
  },
});

Deno.test({
  name: small.name("a read-only store serves what it holds, and says once what it cannot do"),
  ignore: small.ignore,
  async fn() {
    await using dir = await project(files);
    using disk = smallDisk(4000);
    const expected = await outputsIn(dir, disk.path);
    disk.readOnly(true);
    assert.deepEqual(await outputsIn(dir, disk.path), expected);
    const more = ["--store", disk.path, "--set", "mark=xx"];
    assert.equal((await dir.run("plan", FILE, ...more)).code, 0);
    const { code, stderr } = await dir.run("run", FILE, ...more);
    assert.equal(code, 1);
    const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
    assert.deepEqual(errors, [
      `error: stage "loud" failed: Cannot write to the store ${disk.path}: the filesystem is read-only`,
    ]);
    assert.match(stderr, /^ {2}Remount it, or choose another store with --store FOLDER$/m);
  },
});

Deno.test({
  name: small.name("a store may lie on another filesystem than the project"),
  ignore: small.ignore,
  async fn() {
    await using dir = await project(files);
    using disk = smallDisk(4000);
    assert.notEqual(Deno.statSync(disk.path).dev, Deno.statSync(dir.folder).dev);
    const expected = await outputsIn(dir, dir.path(".store"));
    assert.deepEqual(await outputsIn(dir, disk.path), expected);
    const again = await dir.run("run", FILE, "--json", "--verify", "--store", disk.path);
    assert.deepEqual(statusesOf(again.stdout), ALL_HIT);
  },
});

Deno.test({
  name: "a store where Deno lets no stage in is refused at once",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using dir = await project(files);
    const store = await Deno.makeTempDir({ dir: "/dev/shm" });
    try {
      const { code, stderr } = await dir.run("run", FILE, "--store", store);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^error: Cannot open the store \S+: Deno lets no stage into \/dev\/\n {2}Choose a folder/,
      );
    } finally {
      await Deno.remove(store, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a file that the system does not let grow is told, and with a higher limit the run completes",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using dir = await project({
      ...STAGES,
      "stages/large.ts": stage(`
        using file = await Deno.open(context.outputs.out + "/large", { write: true, create: true });
        for (let i = 0; i < 65; i++) await file.write(new Uint8Array(1 << 20));
      `),
      [FILE]: "stages: { it: { uses: large, retries: 3 } }\n",
    });
    // In units of 1 KiB, and larger than what Deno itself keeps in files.
    const limited = await dir.runBelow("ulimit -f 65536", "run", FILE);
    assert.equal(limited.code, 1);
    assert.match(
      limited.stderr,
      /^error: stage "it" could not write: the system allows no larger file\n {2}Raise the limit/m,
    );
    assert.deepEqual(await dir.statuses(FILE), { it: "ran" });
  },
});

/** Writes until the disk is full. */
function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true });
  const block = new Uint8Array(4096);
  try {
    for (;;) file.writeSync(block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
