import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { digestBytes } from "../../../../runner/store/digest.ts";
import {
  type Compressed,
  decodeEntry,
  encodeEntry,
} from "../../../../runner/store/remote/entry.ts";
import {
  type Content,
  contentsOfPacks,
  cutIntoPacks,
  type Pack,
  packedContents,
} from "../../../../runner/store/remote/packs.ts";
import { type CacheServer, cacheServer } from "../../../helpers/cache_server.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";
import { files, machine, noise, wanted } from "./sample.ts";

/** Files that are worth a pack. */
function many(count = 200, changed?: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `${n % 7}/${n}.txt`,
      `file ${n === changed ? "!" : n} `.repeat(10),
    ]),
  );
}

/** A file that gets smaller. */
const LIST = "0123456789".repeat(10_000);

/** So many contents of one size; their digests are those of their numbers. */
function contents(count: number, size: number, changed?: number): Content[] {
  return Array.from({ length: count }, (_, n) => {
    return { digest: digestBytes(`content ${n === changed ? "changed" : n}`), size };
  });
}

Deno.test("many small files go as one pack to a server, and come back", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const record = await here.make({ ...many(), "large.txt": noise(70_000) });
  assert.equal(await here.remote(server.url).give(record), true);
  // The pack, the large file, the list of files, the log, the record.
  assert.equal(server.entries.size, 5);
  for (const [entry, bytes] of server.entries) {
    if (entry.startsWith("cas/")) assert.equal(digestBytes(bytes), entry.slice(4));
  }
  server.requests.length = 0;
  assert.deepEqual(await there.remote(server.url).fetch(wanted), record);
  assert.equal(server.requests.length, 6); // the log is looked for first
  assert.deepEqual(
    readFolder(await there.store.materialise(record.outputs.made)),
    { ...many(), "large.txt": noise(70_000) },
  );
  assert.deepEqual(there.store.lookup(wanted.key), { status: "found", record });
  assert.deepEqual([...here.told, ...there.told], []);
});

Deno.test("packs lie in folders as on servers", async () => {
  using shared = testFolder();
  using here = machine();
  using there = machine();
  const record = await here.make(many());
  assert.equal(await here.remote(shared.path).give(record), true);
  assert.equal([...Deno.readDirSync(`${shared.path}/cas`)].length, 3);
  assert.deepEqual(await there.remote(shared.path).fetch(wanted), record);
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), many());
});

Deno.test("what is there is not sent again, also by another machine with the same result", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const puts = () => server.requests.filter((line) => line.startsWith("PUT cas/")).length;
  await here.remote(server.url).give(
    await here.make({ ...many(), "list.txt": "x".repeat(80_000) }),
  );
  assert.equal(puts(), 4);
  await there.remote(server.url).give(
    await there.make({ ...many(), "list.txt": "x".repeat(80_000) }),
  );
  assert.equal(puts(), 4);
});

Deno.test("a pack is fetched only for what is missing, and only that is written", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const record = await here.make(many());
  await here.remote(server.url).give(record);
  await there.make(many(200, 3));
  const path = there.store.objectPath(digestBytes(many()["0/7.txt"]));
  const before = Deno.statSync(path).ino;
  assert.notEqual(await there.remote(server.url).fetch(wanted), undefined);
  assert.equal(Deno.statSync(path).ino, before);
  server.requests.length = 0;
  assert.notEqual(await there.remote(server.url).fetch(wanted), undefined);
  assert.deepEqual(server.requests, [`GET ac/${wanted.key}`]);
});

Deno.test("packs are about 16 MiB, and a content that changes changes one of them", () => {
  const size = 32 * 1024;
  const all = contents(8000, size); // 250 MiB
  const named = (list: Content[]) =>
    new Set(cutIntoPacks(list).map((pack) => pack.map(({ digest }) => digest).join()));
  const packs = named(all);
  assert.deepEqual(cutIntoPacks(all).flat(), all);
  assert.ok(packs.size >= 10 && packs.size <= 24, `${packs.size} packs`);
  const ends = new Set(cutIntoPacks(all).map((pack) => pack.at(-1)?.digest));
  for (const changed of [0, 1234, 4000, 7777, 7999]) {
    assert.ok(changed === 7999 || !ends.has(all[changed].digest));
    const now = named(contents(8000, size, changed));
    assert.equal(now.difference(packs).size, 1, `content ${changed}`);
  }
});

Deno.test("few files, and large ones, are in no pack", () => {
  const tree = (count: number, size: number) => ({
    kind: "tree" as const,
    files: contents(count, size).map((content, n) => ({ path: `${n}`, ...content })),
    emptyFolders: [],
  });
  assert.equal(packedContents(tree(63, 10)).length, 0);
  assert.equal(packedContents(tree(64, 64 * 1024)).length, 64);
  assert.equal(packedContents(tree(64, 64 * 1024 + 1)).length, 0);
});

Deno.test("packs that do not fit the list of files are none of it", () => {
  const list = contents(4, 10);
  const pack = (files: number, size = files * 10): Pack => ({
    digest: digestBytes(""),
    bytes: size,
    size,
    files,
    zstd: false,
  });
  assert.equal(contentsOfPacks(list, [pack(1), pack(3)])?.length, 2);
  assert.equal(contentsOfPacks(list, [pack(1), pack(2)]), undefined);
  assert.equal(contentsOfPacks(list, [pack(1), pack(4)]), undefined);
  assert.equal(contentsOfPacks(list, [pack(1), pack(3, 31)]), undefined);
});

Deno.test("what gets smaller lies there compressed, what does not as it is", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const list = JSON.stringify(Array.from({ length: 200_000 }, (_, n) => n));
  // Digests are as hard to make smaller as a picture.
  const bytes = Uint8Array.fromHex(
    Array.from({ length: 3000 }, (_, n) => digestBytes(`${n}`)).join(""),
  );
  const record = await here.make({ "list.json": list, "small.txt": "a little" });
  assert.equal(await here.remote(server.url).give(record), true);
  assert.equal(server.entries.has(`cas/${digestBytes(list)}`), false);
  assert.equal(server.entries.has(`cas/${digestBytes("a little")}`), true);
  const lying = [...server.entries.values()].reduce((sum, { length }) => sum + length, 0);
  assert.ok(lying < list.length / 2, `${lying} of ${list.length} bytes`);
  assert.deepEqual(await there.remote(server.url).fetch(wanted), record);
  assert.equal(
    readFolder(await there.store.materialise(record.outputs.made))["list.json"],
    list,
  );

  using folder = testFolder();
  Deno.mkdirSync(`${folder.path}/out`);
  Deno.writeFileSync(`${folder.path}/out/picture.bin`, bytes);
  const made = await here.store.ingest(`${folder.path}/out`);
  await here.remote(server.url).give({ ...record, outputs: { made } });
  assert.deepEqual(server.entries.get(`cas/${digestBytes(bytes)}`), bytes);
});

/** What a server may do to a pack or to a compressed content. */
const CHANGES: Record<string, (bytes: Uint8Array) => Uint8Array<ArrayBuffer>> = {
  "is cut short": (bytes) => bytes.slice(0, -3),
  "has another byte": (bytes) => bytes.map((byte, i) => i === bytes.length - 9 ? byte ^ 1 : byte),
  "is longer": (bytes) => new Uint8Array([...bytes, 0]),
  "is a bomb": () => bomb,
  "is no zstd": (bytes) => new Uint8Array(bytes.length),
};

for (const [what, change] of Object.entries(CHANGES)) {
  for (const kind of ["pack", "content"]) {
    Deno.test(`a ${kind} that ${what} is not used, and leaves nothing wrong behind`, async () => {
      await using server = cacheServer();
      using here = machine();
      using there = machine();
      const record = await here.make(kind === "pack" ? many() : { "list.txt": LIST });
      await here.remote(server.url).give(record);
      const entry = await entryOf(server, kind, record.outputs.made);
      server.entries.set(entry, change(server.entries.get(entry) ?? assert.fail()));
      assert.equal(await there.remote(server.url).fetch(wanted), undefined);
      assert.deepEqual(there.told, [
        `remote cache ${server.url}: it gave something wrong for ${entry.slice(0, 16)}…`,
      ]);
      assert.deepEqual(there.store.lookup(wanted.key), { status: "absent" });
      for (const [path, text] of Object.entries(readFolder(`${there.store.folder}/objects`))) {
        assert.equal(digestBytes(text), path.slice(3));
      }
    });
  }
}

/** Where the server has the first pack, or the compressed content. */
async function entryOf({ entries }: CacheServer, kind: string, tree: string): Promise<string> {
  const bytes = entries.get(`ac/${wanted.key}`) ?? assert.fail();
  const { packs, compressed } = (await decodeEntry(bytes, wanted.key))?.layout ?? assert.fail();
  const lying = kind === "pack" ? packs[tree]?.[0] : compressed[digestBytes(LIST)];
  return `cas/${lying?.digest}`;
}

const bomb = Uint8Array.from(zstdCompressSync(new Uint8Array(100_000_000)));

/** As it says itself, a bomb is what it should be. */
const lyingBomb = (size: number): Compressed => ({
  digest: digestBytes(bomb),
  bytes: bomb.length,
  size,
});

Deno.test("a bomb of the announced length is stopped at the size that it should have", async () => {
  const alpha = digestBytes("alpha");
  for (const kind of ["content", "tree", "pack", "record"]) {
    await using server = cacheServer();
    using here = machine();
    using there = machine();
    const record = await here.make(kind === "pack" ? many() : files);
    const tree = record.outputs.made;
    await here.remote(server.url).give(record);
    const before = await decodeEntry(
      server.entries.get(`ac/${wanted.key}`) ?? assert.fail(),
      wanted.key,
    );
    const layout = before?.layout ?? assert.fail();
    if (kind === "content") layout.compressed[alpha] = lyingBomb(5);
    if (kind === "tree") layout.compressed[tree] = lyingBomb(500);
    if (kind === "pack") layout.packs[tree]?.forEach((pack) => Object.assign(pack, PACK_BOMB));
    const entry = kind === "record" ? bomb : await encodeEntry({ record, layout });
    server.entries.set(`ac/${wanted.key}`, Uint8Array.from(entry));
    server.entries.set(`cas/${digestBytes(bomb)}`, bomb);
    assert.equal(await there.remote(server.url).fetch(wanted), undefined, kind);
    assert.match(there.told.join(), /^remote cache \S+: it gave something wrong for (cas|ac)/);
    assert.deepEqual(there.store.lookup(wanted.key), { status: "absent" });
  }
});

const PACK_BOMB = { digest: digestBytes(bomb), bytes: bomb.length, zstd: true };

Deno.test("an entry whose second line is none is not used", async () => {
  using here = machine();
  const record = await here.make();
  const entry = await encodeEntry({ record, layout: { compressed: {}, packs: {} } });
  const text = new TextDecoder().decode(entry);
  const decode = (text: string) => decodeEntry(new TextEncoder().encode(text), wanted.key);
  assert.deepEqual((await decode(text))?.record, record);
  assert.equal(await decode(text.replace("layout", "lay")), undefined);
  assert.equal(await decode(text.slice(0, -3)), undefined);
  // As earlier versions wrote it.
  const old = await decode(text.slice(0, text.indexOf("\n") + 1));
  assert.deepEqual(old, { record, layout: { compressed: {}, packs: {} } });
});
