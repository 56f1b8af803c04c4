import assert from "node:assert/strict";
import { UserError } from "../../../runner/diagnostic.ts";
import { digestBytes } from "../../../runner/store/digest.ts";
import { explain, STORED_TIME } from "../../../runner/store/files.ts";
import { thisOwner } from "../../../runner/store/owner.ts";
import { type Damage, Store } from "../../../runner/store/store.ts";
import { readFolder, testFolder } from "../../helpers/folder.ts";
import { files, finish, key, record } from "./sample.ts";

Deno.test("a folder comes out of the store as it went in, read-only, and used up", async () => {
  using temp = testFolder({ "in/x.txt": "x", "in/sub/y.bin": new Uint8Array([0, 255]) });
  Deno.mkdirSync(`${temp.path}/in/empty/inner`, { recursive: true });
  using store = Store.open(`${temp.path}/store`);
  const before = readFolder(`${temp.path}/in`);
  const tree = await store.ingest(`${temp.path}/in`);
  const out = await store.materialise(tree);
  assert.equal(out, `${temp.path}/store/trees/${tree}`);
  assert.deepEqual(readFolder(out), before);
  assert.deepEqual(Object.keys(before).sort(), ["empty/inner/", "sub/y.bin", "x.txt"]);
  const { mode, mtime } = Deno.statSync(`${out}/x.txt`);
  assert.equal((mode ?? 0) & 0o777, 0o444);
  assert.equal(mtime?.getTime(), STORED_TIME * 1000);
  assert.throws(() => Deno.statSync(`${temp.path}/in`), Deno.errors.NotFound);
});

Deno.test("equal folders have equal digests whatever their order and times", async () => {
  using temp = testFolder({ "1/a": "A", "1/b/c": "C", "2/b/c": "C", "2/a": "A", "3/a": "A" });
  using store = Store.open(`${temp.path}/store`);
  const first = await store.ingest(`${temp.path}/1`);
  // Written down so that a change of the form, which makes every cache worthless, is no accident.
  assert.equal(first, "e9883af8b4b5189ca711fb8aac2bb8f21126ea661eea0ad6aac4829a8bbd744b");
  assert.equal(await store.ingest(`${temp.path}/2`), first);
  assert.notEqual(await store.ingest(`${temp.path}/3`), first);
});

Deno.test("many files are flushed together and all arrive", async () => {
  using temp = testFolder();
  const many = Object.fromEntries(
    Array.from({ length: 150 }, (_, i) => [`${i % 7}/${i}`, `${i % 100}`]),
  );
  temp.write(Object.fromEntries(Object.entries(many).map(([name, x]) => [`in/${name}`, x])));
  using store = Store.open(`${temp.path}/store`);
  const out = await store.materialise(await store.ingest(`${temp.path}/in`));
  assert.deepEqual(readFolder(out), many);
});

Deno.test("an executable file stays so, beside a plain one with equal content", async () => {
  using temp = testFolder({ "in/plain": "#!/bin/sh\n", "in/tool": "#!/bin/sh\n" });
  Deno.chmodSync(`${temp.path}/in/tool`, 0o755);
  using store = Store.open(`${temp.path}/store`);
  const out = await store.materialise(await store.ingest(`${temp.path}/in`));
  const mode = (name: string) => (Deno.statSync(`${out}/${name}`).mode ?? 0) & 0o777;
  assert.deepEqual([mode("plain"), mode("tool")], [0o444, 0o555]);
});

Deno.test("ingest() refuses a symbolic link and names it", async () => {
  using temp = testFolder({ "in/x.txt": "x" });
  Deno.symlinkSync("x.txt", `${temp.path}/in/link.txt`);
  using store = Store.open(`${temp.path}/store`);
  await assert.rejects(store.ingest(`${temp.path}/in`, 'output "made" of stage "make"'), {
    name: "UserError",
    message: 'Cannot store output "made" of stage "make": link.txt is a symbolic link',
  });
});

Deno.test("ingest() copies a file that others hold links to, and leaves theirs writable", async () => {
  using temp = testFolder({ "data/x.txt": "x" });
  Deno.mkdirSync(`${temp.path}/in`);
  Deno.linkSync(`${temp.path}/data/x.txt`, `${temp.path}/in/x.txt`);
  using store = Store.open(`${temp.path}/store`);
  const tree = await store.ingest(`${temp.path}/in`);
  Deno.writeTextFileSync(`${temp.path}/data/x.txt`, "y");
  assert.equal((Deno.statSync(`${temp.path}/data/x.txt`).mode ?? 0) & 0o200, 0o200);
  assert.deepEqual(readFolder(await store.materialise(tree)), { "x.txt": "x" });
});

Deno.test({
  name: "ingest() takes a folder from another filesystem",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using temp = testFolder();
    const child = new URL("./elsewhere_child.ts", import.meta.url).href;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", child, `${temp.path}/store`],
      stderr: "inherit",
    }).output();
    using store = Store.open(`${temp.path}/store`);
    const out = await store.materialise(new TextDecoder().decode(stdout).trim());
    assert.deepEqual(readFolder(out), { "x.txt": "x" });
  },
});

Deno.test("a record is found again with all it says, also by another process's store", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  assert.deepEqual(store.lookup(key), { status: "absent" });
  const tree = await finish(store);
  using other = Store.open(`${temp.path}/store`);
  assert.deepEqual(other.lookup(key), { status: "found", record: record(tree) });
  assert.deepEqual(other.getRecord(key), record(tree));
  assert.deepEqual(other.remembered("tiny"), new Map([["make", key]]));
});

const alpha = digestBytes("alpha");

/** Ways to spoil a store, and what is said of them. */
const SPOILED: Record<string, (store: string, tree: string) => Damage> = {
  "a deleted object": (store) => {
    Deno.removeSync(`${store}/objects/${alpha.slice(0, 2)}/${alpha}`);
    return { what: `objects/${alpha.slice(0, 2)}/${alpha}`, problem: "is missing" };
  },
  "a truncated object": (store) => {
    Deno.chmodSync(`${store}/objects/${alpha.slice(0, 2)}/${alpha}`, 0o644);
    Deno.truncateSync(`${store}/objects/${alpha.slice(0, 2)}/${alpha}`, 3);
    return {
      what: `objects/${alpha.slice(0, 2)}/${alpha}`,
      problem: "has 3 bytes instead of 5",
    };
  },
  "an overwritten object": (store) => {
    Deno.chmodSync(`${store}/objects/${alpha.slice(0, 2)}/${alpha}`, 0o644);
    Deno.writeTextFileSync(`${store}/objects/${alpha.slice(0, 2)}/${alpha}`, "ALPHA");
    return {
      what: `objects/${alpha.slice(0, 2)}/${alpha}`,
      problem: "does not have the content that its name says",
    };
  },
  "an overwritten tree": (store, tree) => {
    Deno.chmodSync(`${store}/objects/${tree.slice(0, 2)}/${tree}`, 0o644);
    Deno.writeTextFileSync(`${store}/objects/${tree.slice(0, 2)}/${tree}`, "{}");
    return {
      what: `objects/${tree.slice(0, 2)}/${tree}`,
      problem: "does not have the content that its name says",
    };
  },
  "a record with one figure changed": (store) => {
    const path = `${store}/actions/${key.slice(0, 2)}/${key}.json`;
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("47.5", "99.5"));
    return {
      what: `actions/${key.slice(0, 2)}/${key}.json`,
      problem: "does not have the content that was written",
    };
  },
};

for (const [what, spoil] of Object.entries(SPOILED)) {
  Deno.test(`${what} is noticed, set aside, and mended by doing the work again`, async () => {
    using temp = testFolder();
    const reports: Damage[] = [];
    using store = Store.open(`${temp.path}/store`, { onDamage: (damage) => reports.push(damage) });
    const tree = await finish(store);
    await store.materialise(tree);
    const damage = spoil(store.folder, tree);

    assert.deepEqual(store.lookup(key), { status: "damaged", damage });
    assert.deepEqual(reports, [damage]);
    assert.throws(() => Deno.statSync(`${store.folder}/${damage.what}`), Deno.errors.NotFound);

    assert.equal(await finish(store), tree);
    assert.equal(store.lookup(key).status, "found");
    assert.deepEqual(readFolder(await store.materialise(tree)), files);
  });
}

Deno.test("a bit that flipped by itself is noticed when digests are checked", async () => {
  using temp = testFolder();
  const tree = await finish(Store.open(`${temp.path}/store`));
  const object = `${temp.path}/store/objects/${alpha.slice(0, 2)}/${alpha}`;
  Deno.chmodSync(object, 0o644);
  Deno.writeTextFileSync(object, "alphb");
  Deno.utimeSync(object, STORED_TIME, STORED_TIME);
  assert.equal(Store.open(`${temp.path}/store`).lookup(key).status, "found");

  // The tree's own time says when its digests were last checked.
  const stamp = new Date(Date.now() - 15 * 24 * 3600 * 1000);
  const treeObject = `${temp.path}/store/objects/${tree.slice(0, 2)}/${tree}`;
  Deno.utimeSync(treeObject, stamp, stamp);
  assert.equal(
    Store.open(`${temp.path}/store`, { verifyAfterDays: 20 }).lookup(key).status,
    "found",
  );
  assert.equal(Store.open(`${temp.path}/store`).lookup(key).status, "damaged");
});

Deno.test("verify checks digests whenever something is used", async () => {
  using temp = testFolder();
  await finish(Store.open(`${temp.path}/store`));
  const object = `${temp.path}/store/objects/${alpha.slice(0, 2)}/${alpha}`;
  Deno.chmodSync(object, 0o644);
  Deno.writeTextFileSync(object, "alphb");
  Deno.utimeSync(object, STORED_TIME, STORED_TIME);
  assert.equal(
    Store.open(`${temp.path}/store`, { verify: true }).lookup(key).status,
    "damaged",
  );
});

Deno.test("a changed, missing or added file in a materialised folder makes it anew", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  const tree = await finish(store);
  const folder = await store.materialise(tree);

  Deno.removeSync(`${folder}/a.txt`);
  Deno.writeTextFileSync(`${folder}/a.txt`, "other");
  Deno.removeSync(`${folder}/deep/b.txt`);
  Deno.writeTextFileSync(`${folder}/extra.txt`, "more");
  assert.equal(await store.materialise(tree), folder);
  assert.deepEqual(readFolder(folder), files);
});

Deno.test("materialise() of a tree with a lost object says what to do", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  const tree = await finish(store);
  Deno.removeSync(store.objectPath(alpha));
  await assert.rejects(store.materialise(tree), (error) => {
    assert(error instanceof UserError);
    assert.deepEqual(error.diagnostics, [{
      message: `Cannot use the stored folder ${tree.slice(0, 12)}: ` +
        `objects/${alpha.slice(0, 2)}/${alpha} is missing`,
      notes: ["It has been set aside; run again, and what made it runs anew"],
    }]);
    return true;
  });
});

Deno.test("putFile() stores a copy and leaves the file", () => {
  using temp = testFolder({ "log": "line\n" });
  using store = Store.open(`${temp.path}/store`);
  const digest = store.putFile(`${temp.path}/log`);
  assert.equal(store.putFile(`${temp.path}/log`), digest);
  assert.equal(Deno.readTextFileSync(store.objectPath(digest)), "line\n");
  assert.equal(Deno.readTextFileSync(`${temp.path}/log`), "line\n");
});

Deno.test("looking into a store that is not there finds nothing and makes nothing", () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`, { write: false });
  assert.deepEqual(store.lookup(key), { status: "absent" });
  store.writeCache("x.json", "{}");
  assert.deepEqual(store.remembered("tiny"), new Map());
  assert.deepEqual(readFolder(temp.path), {});
});

Deno.test("a file in the store's place is named", () => {
  using temp = testFolder({ "store": "oops" });
  for (const write of [true, false]) {
    assert.throws(() => Store.open(`${temp.path}/store`, { write }), {
      name: "UserError",
      message: `Cannot open the store ${temp.path}/store: it is a file`,
    });
  }
  assert.throws(() => Store.open(`${temp.path}/store/below`), {
    name: "UserError",
    message: `Cannot open the store ${temp.path}/store/below: a file is where a folder should be`,
  });
});

Deno.test("a store of another format is refused", () => {
  using temp = testFolder({ "store/store.json": '{"format":9}\n' });
  assert.throws(() => Store.open(`${temp.path}/store`), {
    name: "UserError",
    message:
      `Cannot open the store ${temp.path}/store: store.json says {"format":9}, not {"format":1}`,
  });
});

Deno.test("opening removes what dead runners left, and nothing of living ones", () => {
  const { host, machine, pid, started } = thisOwner();
  const dead = [host, machine, 999_999_999, started, "x"].join("~");
  const recycled = [host, machine, pid, "1", "x"].join("~");
  const alive = [host, machine, pid, started, "x"].join("~");
  const elsewhere = "another-machine~0~1~1~x";
  using temp = testFolder({
    [`store/tmp/${dead}/0`]: "",
    [`store/tmp/${recycled}/0`]: "",
    [`store/tmp/${alive}/0`]: "",
    [`store/tmp/${elsewhere}/0`]: "",
  });
  Store.open(`${temp.path}/store`).close();
  const left = [...Deno.readDirSync(`${temp.path}/store/tmp`)].map(({ name }) => name).sort();
  assert.deepEqual(left, [alive, elsewhere].sort());
});

Deno.test("errors of the disk tell the person what to do", () => {
  const told = (code: string) => {
    const error = explain(
      "/nowhere/store",
      "write to the store",
      Object.assign(new Error(), { code }),
    );
    assert(error instanceof UserError);
    return error.message;
  };
  assert.match(
    told("ENOSPC"),
    /^Cannot write to the store \/nowhere\/store: the disk is full \(\d+\.\d [MG]iB free\)$/,
  );
  assert.equal(
    told("EROFS"),
    "Cannot write to the store /nowhere/store: the filesystem is read-only",
  );
  assert.equal(told("EACCES"), "Cannot write to the store /nowhere/store: permission denied");
  const other = new TypeError("a mistake of the program");
  assert.equal(explain("/nowhere/store", "write to the store", other), other);
});
