import assert from "node:assert/strict";
import type { ActionRecord } from "../../../../runner/plan/record.ts";
import { readHoldings } from "../../../../runner/store/care/holdings.ts";
import { countPacks } from "../../../../runner/store/care/packs_held.ts";
import { sampleStore } from "../../../../runner/store/care/sample.ts";
import { verifyStore } from "../../../../runner/store/care/verify.ts";
import { digestBytes } from "../../../../runner/store/digest.ts";
import { statIfThere } from "../../../../runner/store/files.ts";
import { type Damage, Store } from "../../../../runner/store/store.ts";
import { cacheServer } from "../../../helpers/cache_server.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";
import { machine, wanted } from "../remote/sample.ts";
import { collect } from "./collect.ts";
import { keyOf, tick } from "./made.ts";
import { race } from "./race.ts";
import { makeMany, MANY, manyFiles, packAll } from "./many.ts";

const own = digestBytes("own 0");
const shared = digestBytes("file 7");

/** A store that somebody has filled, laid out and left a while ago. */
async function filled(path: string, numbers: number[]): Promise<ActionRecord[]> {
  using store = Store.open(path);
  const records = [];
  for (const n of numbers) {
    const record = await makeMany(store, n);
    await store.materialise(record.outputs.made);
    records.push(record);
  }
  await tick();
  return records;
}

function hasObject(store: Store, digest: string): boolean {
  return statIfThere(store.objectPath(digest)) !== undefined;
}

function countObjects({ folder }: Store): number {
  return Object.keys(readFolder(`${folder}/objects`)).filter((path) => !path.endsWith("/")).length;
}

Deno.test("a packed result is a hit, and laid out again it is the same", async () => {
  using temp = testFolder();
  const [{ outputs }] = await filled(`${temp.path}/store`, [0]);
  const damages: Damage[] = [];
  using store = Store.open(`${temp.path}/store`, {
    verify: true,
    onDamage: (damage) => damages.push(damage),
  });
  const planned = await packAll(store, { dryRun: true });
  assert.deepEqual([planned.folders, planned.packs, planned.removed.files], [1, 1, MANY]);
  assert.equal(hasObject(store, own), true);

  const packed = await packAll(store);
  assert.deepEqual({ ...packed, bytes: 0 }, { ...planned, bytes: 0 });
  assert.deepEqual(countPacks(store), { packs: 1, files: MANY, bytes: packed.bytes });
  assert.equal(countObjects(store), 2); // the large file and the list
  assert.deepEqual([store.isPacked(outputs.made), store.holds(outputs.made)], [true, true]);
  assert.equal(store.lookup(keyOf(0)).status, "found");
  assert.equal(countObjects(store), 2); // looking it up unpacks nothing
  assert.deepEqual((await verifyStore(store)).findings, []);
  assert.deepEqual((await sampleStore(store, 1, { share: 1 })).findings, []);

  assert.deepEqual(readFolder(await store.materialise(outputs.made)), manyFiles(0));
  assert.equal(countObjects(store), MANY + 2);
  assert.equal(store.isPacked(outputs.made), false);
  assert.deepEqual((await verifyStore(store)).findings, []);
  assert.deepEqual(damages, []);
});

Deno.test("what is packed again after it was read needs no new pack", async () => {
  using temp = testFolder();
  const [{ outputs }] = await filled(`${temp.path}/store`, [0]);
  {
    using store = Store.open(`${temp.path}/store`);
    await packAll(store);
    await store.materialise(outputs.made);
  }
  await tick();
  using store = Store.open(`${temp.path}/store`);
  const folder = `${store.folder}/packs/${outputs.made}`;
  const { ino } = Deno.statSync(folder);
  assert.equal((await packAll(store)).removed.files, MANY);
  assert.equal(Deno.statSync(folder).ino, ino);
  assert.deepEqual(await packAll(store), {
    folders: 0,
    packs: 0,
    bytes: 0,
    removed: { files: 0, bytes: 0 },
    broken: [],
  });
});

Deno.test("only what no run has used since is packed; what others need stays an object", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1]);
  using store = Store.open(`${temp.path}/store`);
  assert.equal((await packAll(store, { usedBefore: 0 })).folders, 0);
  const record = `${store.folder}/actions/${keyOf(1).slice(0, 2)}/${keyOf(1)}.json`;
  Deno.utimeSync(record, 3e9, 3e9); // made later
  // Of 64 small files 63 are shared with a result that is not packed.
  const packed = await packAll(store, { usedBefore: 2e12 });
  assert.deepEqual([packed.folders, packed.removed.files], [1, 1]);
  assert.deepEqual([hasObject(store, own), hasObject(store, shared)], [false, true]);
  // The link that went has made the others young.
  assert.equal((await packAll(store, { horizon: () => Infinity })).removed.files, MANY);
  assert.equal(hasObject(store, shared), false);
  for (const n of [0, 1]) {
    const { made } = store.getRecord(keyOf(n))?.outputs ?? {};
    assert.deepEqual(readFolder(await store.materialise(made)), manyFiles(n));
  }
});

Deno.test("a log that equals a packed file stays where logs are read", async () => {
  using temp = testFolder();
  const [record] = await filled(`${temp.path}/store`, [0]);
  {
    using store = Store.open(`${temp.path}/store`);
    store.putRecord({ ...record, log: own });
  }
  await tick();
  using store = Store.open(`${temp.path}/store`);
  assert.equal((await packAll(store)).removed.files, MANY - 1);
  assert.equal(Deno.readTextFileSync(store.objectPath(own)), "own 0");
});

Deno.test("what a running program has looked up or made is not touched until it ends", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1]);
  using store = Store.open(`${temp.path}/store`);
  {
    using other = Store.open(store.folder);
    assert.equal(other.lookup(keyOf(0)).status, "found");
    await Promise.resolve(); // notes are written when the turn is over
    const { removed } = await packAll(store);
    assert.equal(removed.files, 1); // what only the other result has
    assert.equal(hasObject(store, own), true);
    await makeMany(other, 1); // finds most of its files there
  }
  assert.equal((await packAll(store)).removed.files, 1); // the others are younger than this program
  assert.equal((await packAll(store, { horizon: () => Infinity })).removed.files, MANY);
  assert.deepEqual((await verifyStore(store)).findings, []);
});

Deno.test("gc removes packs that no result needs, and no others", async () => {
  using temp = testFolder();
  const [zero, one] = await filled(`${temp.path}/store`, [0, 1]);
  using store = Store.open(`${temp.path}/store`);
  await packAll(store);
  await tick();
  const { results, bytes } = await collect(store, [keyOf(1)], { horizon: () => Infinity });
  assert.deepEqual(results, [keyOf(1)]);
  assert(bytes > 0);
  assert.deepEqual([...Deno.readDirSync(`${store.folder}/packs`)].map(({ name }) => name), [
    zero.outputs.made,
  ]);
  assert.equal(store.holds(one.outputs.made), false);
  assert.deepEqual(readFolder(await store.materialise(zero.outputs.made)), manyFiles(0));
});

/** Ways to break a stored file, some of which leave its size and its time. */
const DAMAGES: Record<string, (path: string) => void> = {
  "a bit flipped": (path) => {
    const bytes = Deno.readFileSync(path);
    const middle = bytes.length >> 1;
    Deno.chmodSync(path, 0o644);
    Deno.writeFileSync(path, bytes.with(middle, bytes[middle] ^ 1));
  },
  "cut": (path) => {
    Deno.chmodSync(path, 0o644);
    Deno.truncateSync(path, 10);
  },
  "deleted": (path) => Deno.removeSync(path),
  "replaced by a folder": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
};

for (const [how, damage] of Object.entries(DAMAGES)) {
  Deno.test(`a pack or its index ${how}: named, set aside, made again`, async () => {
    for (const isIndex of [true, false]) {
      using temp = testFolder();
      const [{ outputs }] = await filled(`${temp.path}/store`, [0]);
      {
        using store = Store.open(`${temp.path}/store`);
        await packAll(store);
      }
      const packs = `${temp.path}/store/packs/${outputs.made}`;
      const [pack] = [...Deno.readDirSync(packs)].map(({ name }) => name)
        .filter((name) => name !== "index");
      damage(`${packs}/${isIndex ? "index" : pack}`);

      const damages: Damage[] = [];
      using store = Store.open(`${temp.path}/store`, { onDamage: (one) => damages.push(one) });
      assert.equal(store.lookup(keyOf(0)).status, "damaged");
      assert.deepEqual(damages.map(({ what }) => what), [`packs/${outputs.made}`]);
      assert.equal([...Deno.readDirSync(`${store.folder}/quarantine`)].length, 1);
      await makeMany(store, 0);
      assert.equal(store.lookup(keyOf(0)).status, "found");
      assert.deepEqual(readFolder(await store.materialise(outputs.made)), manyFiles(0));
      assert.deepEqual((await verifyStore(store)).findings, []);
      assert.equal(damages.length, 1);
    }
  });
}

Deno.test("a bit of a pack that flipped by itself is found by verifying, and by unpacking", async () => {
  const problem = /^is broken: pack [0-9a-f]{12} does not have/;
  for (const find of ["lookup", "verify", "sample", "materialise", "unpack"]) {
    using temp = testFolder();
    const [{ outputs }] = await filled(`${temp.path}/store`, [0]);
    {
      using store = Store.open(`${temp.path}/store`);
      await packAll(store);
    }
    const packs = `${temp.path}/store/packs/${outputs.made}`;
    for (const { name } of Deno.readDirSync(packs)) {
      const { mtime } = Deno.statSync(`${packs}/${name}`);
      if (name !== "index") DAMAGES["a bit flipped"](`${packs}/${name}`);
      Deno.utimeSync(`${packs}/${name}`, mtime ?? 0, mtime ?? 0);
    }
    const damages: Damage[] = [];
    using store = Store.open(`${temp.path}/store`, {
      verify: find === "lookup",
      onDamage: (damage) => damages.push(damage),
    });
    if (find === "lookup") assert.equal(store.lookup(keyOf(0)).status, "damaged");
    else if (find === "materialise") {
      assert.equal(store.lookup(keyOf(0)).status, "found");
      await assert.rejects(store.materialise(outputs.made), /Cannot use the stored folder/);
    } else if (find === "unpack") {
      await assert.rejects(store.unpack([outputs.made]), /Cannot use the stored folder/);
    } else {
      const { findings } = find === "verify"
        ? await verifyStore(store)
        : await sampleStore(store, 1, { share: 1 });
      assert.deepEqual(findings.map(({ affects }) => affects), [["many: n0"]]);
    }
    assert.deepEqual(damages.map(({ what }) => what), [`packs/${outputs.made}`], find);
    assert.match(damages[0].problem, problem);
    assert.equal(store.lookup(keyOf(0)).status, "damaged");
  }
});

Deno.test("two who pack at once make one pack", async () => {
  using temp = testFolder();
  const [{ outputs }] = await filled(`${temp.path}/store`, [0]);
  using one = Store.open(`${temp.path}/store`);
  using other = Store.open(`${temp.path}/store`);
  const packed = await Promise.all([packAll(one), packAll(other)]);
  assert.equal(packed[0].removed.files + packed[1].removed.files, MANY);
  assert.deepEqual(packed.map(({ broken }) => broken), [[], []]);
  assert.equal(countPacks(one).packs, 1);
  assert.deepEqual(readFolder(await one.materialise(outputs.made)), manyFiles(0));
});

Deno.test("a folder of which a file is broken or gone is not packed, and stays as it is", async () => {
  for (const how of ["cut", "deleted"]) {
    using temp = testFolder();
    const [, one] = await filled(`${temp.path}/store`, [0, 1]);
    using store = Store.open(`${temp.path}/store`);
    DAMAGES[how](store.objectPath(own));
    const { folders, broken, removed } = await packAll(store);
    assert.deepEqual([folders, broken.length, removed.files], [1, 1, 1]);
    assert.equal(hasObject(store, shared), true); // the broken one needs it
    assert.equal(store.lookup(keyOf(0)).status, "damaged");
    assert.deepEqual(readFolder(await store.materialise(one.outputs.made)), manyFiles(1));
  }
});

Deno.test("a packed result is given to a remote cache, and comes back from it", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const record = await here.make(manyFiles(0));
  const packed = await packAll(here.store, { horizon: () => Infinity });
  assert.equal(packed.removed.files, MANY);
  assert.equal(await here.remote(server.url).give(record), true);
  assert.deepEqual(await there.remote(server.url).fetch(wanted), record);
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), manyFiles(0));
  assert.deepEqual([...here.told, ...there.told], []);
});

Deno.test("killed before any change to the disk, packing and unpacking lose nothing", async () => {
  using temp = testFolder();
  const path = `${temp.path}/store`;
  const [{ outputs }] = await filled(path, [0, 1]);
  Deno.mkdirSync(`${temp.path}/copies`);
  const child = new URL("./pack_child.ts", import.meta.url).href;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, path, `${temp.path}/copies`],
    stderr: "inherit",
  }).output();
  assert.equal(code, 0);
  const copies = [...Deno.readDirSync(`${temp.path}/copies`)].map(({ name }) => Number(name));
  const states = new Set<string>();
  for (const step of copies.sort((a, b) => a - b)) {
    const folder = `${temp.path}/copies/${step}`;
    const damages: Damage[] = [];
    using store = Store.open(folder, { onDamage: (damage) => damages.push(damage) });
    const packs = statIfThere(`${folder}/packs/${outputs.made}`) ? "packed" : "not packed";
    states.add(`${packs}, ${hasObject(store, own) ? "an object" : "no object"}`);
    for (const n of [0, 1]) assert.equal(store.lookup(keyOf(n)).status, "found", `step ${step}`);
    assert.deepEqual(
      readFolder(await store.materialise(outputs.made)),
      manyFiles(0),
      `step ${step}`,
    );
    assert.deepEqual(damages, [], `step ${step}`);
    assert.deepEqual((await verifyStore(store)).findings, [], `step ${step}`);
    store.close();
    assert.deepEqual(readFolder(`${folder}/tmp`), {}, `step ${step}`);
    Deno.removeSync(folder, { recursive: true });
  }
  assert.deepEqual([...states].sort(), [
    "not packed, an object",
    "packed, an object",
    "packed, no object",
  ]);
});

Deno.test("runners, packing and sweeps that race lose nothing that anyone relies on", async () => {
  // Whether anything is packed between two runners is chance: some rounds do.
  let packed = 0;
  for (let attempt = 0; attempt < 10 && packed === 0; attempt++) {
    packed += await packedBesideRunners();
  }
  assert(packed > 0);
});

/** Two runners beside packing and sweeps. @returns files that were packed */
async function packedBesideRunners(): Promise<number> {
  using temp = testFolder();
  const path = `${temp.path}/store`;
  await filled(path, [0, 1, 2]);
  let packed = 0;
  await race("pack_race_child.ts", path, 30, async () => {
    using store = Store.open(path);
    packed += (await packAll(store)).removed.files;
    if (packed % 2 === 1) await collect(store, [...readHoldings(path)].map(({ key }) => key));
    await new Promise((resolve) => setTimeout(resolve));
  });
  return packed;
}
