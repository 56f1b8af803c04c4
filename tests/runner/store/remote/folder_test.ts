import assert from "node:assert/strict";
import { digestBytes } from "../../../../runner/store/digest.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";
import { files, machine, wanted } from "./sample.ts";

const alpha = digestBytes("alpha");

Deno.test("what one machine puts in a shared folder another gets", async () => {
  using shared = testFolder();
  using here = machine();
  using there = machine();
  const record = await here.make();
  assert.equal(await here.remote(shared.path).give(record), true);
  const names = Object.keys(readFolder(shared.path)).filter((name) => !name.startsWith("tmp/"));
  assert.equal(names.length, 6);
  assert.ok(names.includes(`ac/${wanted.key}`) && names.includes(`cas/${alpha}`));

  const remote = there.remote(shared.path);
  assert.deepEqual(await remote.find(wanted), record);
  assert.deepEqual(await remote.fetch(wanted), record);
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), files);
  // Copies: what is done to the shared folder later does not reach a store.
  assert.equal(Deno.statSync(there.store.objectPath(alpha)).nlink, 3); // and the tree's two
  assert.deepEqual([...here.told, ...there.told], []);
});

Deno.test("entries may be read by whom the folder may, whatever the user's mask", async () => {
  const mask = Deno.umask(0o077);
  try {
    for (const [folder, file, sub] of [[0o2775, 0o444, 0o2775], [0o750, 0o440, 0o750]]) {
      using shared = testFolder();
      Deno.chmodSync(shared.path, folder);
      using here = machine();
      await here.remote(shared.path).give(await here.make());
      const mode = (path: string) => (Deno.statSync(`${shared.path}/${path}`).mode ?? 0) & 0o7777;
      assert.deepEqual([mode("cas"), mode("ac")], [sub, sub]);
      assert.deepEqual([mode(`cas/${alpha}`), mode(`ac/${wanted.key}`)], [file, file]);
    }
  } finally {
    Deno.umask(mask);
  }
});

Deno.test("temporary names go when the cache is closed, those of dead processes when it is opened", async () => {
  using shared = testFolder({ "tmp/anywhere~x~1~1~x/0": "half" });
  const long = new Date("2020-01-01");
  Deno.utimeSync(`${shared.path}/tmp/anywhere~x~1~1~x`, long, long);
  using here = machine();
  const remote = here.remote(shared.path);
  await remote.give(await here.make());
  remote[Symbol.dispose]();
  assert.deepEqual([...Deno.readDirSync(`${shared.path}/tmp`)], []);
});

Deno.test("a folder that is not there is told of, and not made", async () => {
  using shared = testFolder();
  using here = machine();
  const remote = here.remote(`${shared.path}/missing`);
  assert.equal(await remote.fetch(wanted), undefined);
  assert.equal(await remote.give(await here.make()), false);
  assert.deepEqual(here.told, [
    `remote cache ${shared.path}/missing: there is no such folder`,
  ]);
  assert.deepEqual(readFolder(shared.path), {});
});

Deno.test("a file in place of the folder is told of", async () => {
  using shared = testFolder({ "file": "" });
  using here = machine();
  assert.equal(await here.remote(`${shared.path}/file`).fetch(wanted), undefined);
  assert.deepEqual(here.told, [
    `remote cache ${shared.path}/file: it is no folder`,
  ]);
});

Deno.test("a damaged entry is not used", async () => {
  using shared = testFolder();
  using here = machine();
  using there = machine();
  await here.remote(shared.path).give(await here.make());
  Deno.chmodSync(`${shared.path}/cas/${alpha}`, 0o644);
  Deno.writeTextFileSync(`${shared.path}/cas/${alpha}`, "ALPHA");
  assert.equal(await there.remote(shared.path).fetch(wanted), undefined);
  assert.deepEqual(there.told, [
    `remote cache ${shared.path}: it gave something wrong for cas/${alpha.slice(0, 12)}…`,
  ]);
});

Deno.test({
  name: "a folder that may only be read gives, and takes nothing",
  ignore: Deno.uid() !== 0, // another user is needed, and only root can become one
  async fn() {
    using shared = testFolder();
    Deno.chmodSync(shared.path, 0o755);
    using here = machine();
    await here.remote(shared.path).give(await here.make());
    using there = testFolder();
    Deno.chmodSync(there.path, 0o777);
    const child = new URL("./reader_child.ts", import.meta.url).href;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--cached-only", child, shared.path, there.path],
    }).output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout) || "null"), {
      fetched: true,
      given: false,
      told: [`remote cache ${shared.path} takes no results: permission denied`],
    }, new TextDecoder().decode(stderr));
  },
});
