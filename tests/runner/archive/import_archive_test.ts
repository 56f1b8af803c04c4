/**
 * What comes in an archive is right, or nothing of it stays.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../runner/diagnostic.ts";
import { importArchive } from "../../../runner/archive/import_archive.ts";
import type { Manifest } from "../../../runner/archive/manifest.ts";
import { digestBytes } from "../../../runner/store/digest.ts";
import { decodeRecord, encodeRecord } from "../../../runner/store/records.ts";
import { Store } from "../../../runner/store/store.ts";
import { encodeTree } from "../../../runner/store/tree.ts";
import { readFolder, testFolder } from "../../helpers/folder.ts";
import {
  bytes,
  type Entry,
  ID,
  importFrom,
  key,
  pack,
  sampleEntries,
  withManifest,
} from "./sample.ts";

/** The right archive; tests make others of it. */
const ENTRIES = await sampleEntries();
const ARCHIVE = await pack(ENTRIES);

/** Imports bytes into a new store. @returns what is in it then, and what went wrong */
async function tryImport(
  archive: Uint8Array,
): Promise<{ stored: Record<string, string>; error: unknown }> {
  using temp = testFolder({ "run.tar": archive });
  let error: unknown;
  {
    using store = Store.open(`${temp.path}/store`);
    try {
      await importFrom(store, `${temp.path}/run.tar`);
    } catch (caught) {
      error = caught;
    }
  }
  const outside = Object.keys(readFolder(temp.path)).filter((path) => !path.startsWith("store/"));
  assert.deepEqual(outside, ["run.tar"], "nothing is written outside the store");
  const files = Object.entries(readFolder(`${temp.path}/store`));
  const kept = /^(objects|actions|runs|history|trees|tmp|quarantine)\/./;
  return { stored: Object.fromEntries(files.filter(([path]) => kept.test(path))), error };
}

/** It is refused in one clear message, and nothing stays. */
async function refuses(archive: Uint8Array, problem: RegExp): Promise<void> {
  const { stored, error } = await tryImport(archive);
  assert.ok(error instanceof UserError, `expected ${problem}, got ${error}`);
  assert.match(error.message, problem);
  assert.match(error.message, /^Cannot import \S+run\.tar: /);
  assert.deepEqual(stored, {});
}

const refusesEntries = async (entries: Entry[], problem: RegExp) =>
  await refuses(await pack(entries), problem);

/** Counts one entry more. */
const more = (manifest: Manifest) => manifest.entries++;

function find(prefix: string): Entry {
  const entry = ENTRIES.find(({ name }) => name.startsWith(prefix));
  assert.ok(entry);
  return entry;
}

function replaced(prefix: string, content: Uint8Array): Entry[] {
  const { name } = find(prefix);
  return ENTRIES.map((entry) => entry.name === name ? { ...entry, content } : entry);
}

/** The archive with another output, and these contents beside the log. */
function withOutput(tree: string, contents: Uint8Array[]): Entry[] {
  const record = decodeRecord(new TextDecoder().decode(find("actions/").content), key);
  assert.ok(record);
  const changed = encodeRecord({ ...record, outputs: { made: digestBytes(tree) } });
  const rest = replaced("actions/", bytes(changed)).filter(({ name }) =>
    !name.startsWith("objects/") || name === `objects/${record.log}`
  );
  const entries = [
    ...rest,
    ...contents.map((content) => ({ name: `objects/${digestBytes(content)}`, content })),
  ];
  return withManifest(entries, (manifest) => manifest.entries = entries.length - 1);
}

Deno.test("a right archive is imported", async () => {
  using temp = testFolder({ "run.tar": ARCHIVE });
  using store = Store.open(`${temp.path}/store`, { verify: true });
  const { added, present, contents, code } = await importFrom(store, `${temp.path}/run.tar`);
  assert.deepEqual({ added, present, contents }, { added: [key], present: [], contents: 4 });
  assert.deepEqual(code.map(({ path }) => path), ["stages/make.ts"]);
  const record = store.getRecord(key);
  assert.deepEqual(readFolder(await store.materialise(record?.outputs.made ?? "")), {
    "a.txt": "alpha",
    "deep/b.txt": "beta",
  });
  assert.deepEqual(store.runIds(), [ID]);
  assert.deepEqual([...store.remembered("tiny")], [["it", key]]);
});

Deno.test("names that lead elsewhere, and names of nothing, are refused", async () => {
  const names = [
    "/etc/passwd",
    "../evil",
    "objects/../../evil",
    "code/../../evil",
    `objects/${"A".repeat(64)}`,
    `actions/${"0".repeat(64)}.json`,
    "code/stages/other.ts",
    `objects/${"0".repeat(64)}/x`,
    "manifest.json/x",
    "",
  ];
  for (const name of names) {
    const entries = [...withManifest(ENTRIES, more), { name, content: bytes("evil") }];
    await refusesEntries(entries, /its entry "[^"]*" does not belong into it$/);
  }
});

Deno.test("what is no plain file is refused, whatever its name", async () => {
  for (const type of ["symlink", "link", "character-device", "fifo", "directory"] as const) {
    const { name } = find("objects/");
    const odd = { name, type, linkname: "/etc/passwd", content: new Uint8Array() };
    const others = ENTRIES.filter((entry) => entry.name !== name);
    await refusesEntries([...others, odd], new RegExp(`its entry "${name}" is a ${type}$`));
  }
});

Deno.test("an entry that is there twice is refused", async () => {
  for (const prefix of ["manifest", "run", "actions/", "code/", "objects/"]) {
    const entries = [...withManifest(ENTRIES, more), find(prefix)];
    await refusesEntries(entries, /its entry "\S+" is there twice$/);
  }
});

Deno.test("contents that are not what their names say are refused", async () => {
  const wrong = /its entry "\S+" does not have the content that it should have$/;
  for (const prefix of ["run.json", "actions/", "code/", "objects/"]) {
    const { content } = find(prefix);
    const flipped = Uint8Array.from(content);
    flipped[flipped.length - 3] ^= 1;
    await refusesEntries(replaced(prefix, flipped), wrong);
    await refusesEntries(replaced(prefix, content.slice(0, -1)), wrong);
    await refusesEntries(replaced(prefix, Uint8Array.of(...content, 32)), wrong);
  }
});

Deno.test("a module that the keys do not name is refused, though its digest is right", async () => {
  const other = bytes("export default 2;\n");
  const entries = withManifest(replaced("code/", other), (manifest) => {
    manifest.code[0].digest = digestBytes(other);
  });
  await refusesEntries(entries, /its entry "code\/stages\/make\.ts" does not have the content/);
  const without = withManifest(ENTRIES, (manifest) => {
    manifest.code = [];
    manifest.entries--;
  }).filter(({ name }) => !name.startsWith("code/"));
  await refusesEntries(without, /its entry "code\/stages\/make\.ts" does not have the content/);
});

Deno.test("a list of files that leads out of its folder is refused", async () => {
  const evil = bytes("evil");
  const tree = encodeTree([{ path: "../evil", digest: digestBytes(evil), size: 4 }], []);
  const entries = withOutput(tree, [bytes(tree), evil]);
  await refusesEntries(entries, /its entry "objects\/\S+" does not have the content/);

  // Neither is one that has come before, as a file of another result.
  using temp = testFolder({
    "out/tree": tree,
    "run.tar": await pack(withOutput(tree, [])),
  });
  using store = Store.open(`${temp.path}/store`);
  await store.ingest(`${temp.path}/out`);
  await assert.rejects(importFrom(store, `${temp.path}/run.tar`), {
    message: /: it lacks the files of a result$/,
  });
});

Deno.test("wrong sizes are refused, and do not turn against what the store has", async () => {
  const digest = digestBytes("alpha");
  const tree = encodeTree([{ path: "a", digest, size: 6 }], []);
  const bare = withManifest(withOutput(tree, [bytes(tree)]), ({ results }) => {
    results[0].files = false;
  });
  const archives = [
    [...withManifest(ENTRIES.slice(0, -4), ({ entries }) => entries), {
      name: `objects/${digest}`,
      content: bytes("alpha!"),
    }],
    withOutput(tree, [bytes(tree)]),
    bare,
  ];
  for (const entries of archives) {
    using temp = testFolder({ "run.tar": await pack(entries), "out/a.txt": "alpha" });
    const damage: unknown[] = [];
    using store = Store.open(`${temp.path}/store`, { onDamage: (found) => damage.push(found) });
    const own = await store.ingest(`${temp.path}/out`);
    await assert.rejects(importFrom(store, `${temp.path}/run.tar`), { name: "UserError" });
    assert.deepEqual(readFolder(await store.materialise(own)), { "a.txt": "alpha" });
    assert.deepEqual(damage, []);
  }
});

Deno.test("what is lacking, and what nothing needs, is named", async () => {
  const without = (prefix: string) => ENTRIES.filter((entry) => entry !== find(prefix));
  const fewer = (entries: Entry[]) => withManifest(entries, (manifest) => manifest.entries--);
  for (const prefix of ["run.json", "actions/", "code/"]) {
    await refusesEntries(fewer(without(prefix)), /it lacks "\S+"$/);
  }
  for (const entry of ENTRIES.filter(({ name }) => name.startsWith("objects/"))) {
    await refusesEntries(without(entry.name), /it has 6 entries, and should have 7$/);
    // A log may be gone without making the result any worse.
    if (new TextDecoder().decode(entry.content) === "a log\n") continue;
    await refusesEntries(fewer(without(entry.name)), /it lacks the files? (\S+ )?of a result$/);
  }
  const extra = { name: `objects/${digestBytes("extra")}`, content: bytes("extra") };
  const entries = [...withManifest(ENTRIES, more), extra];
  await refusesEntries(entries, /no result needs its entry "objects\/\S+"$/);
});

Deno.test("a manifest that claims what cannot be is refused", async () => {
  const run = { id: ID, digest: "0".repeat(64) };
  const file = { path: "a", digest: "0".repeat(64), size: 1 };
  const claims: Record<string, unknown>[] = [
    { format: 2 },
    { run: { ...run, id: "../../evil" } },
    { run: { ...run, id: `${ID}/../../x` } },
    { pipeline: ".." },
    { pipeline: "ü".repeat(100) },
    { pipeline: "\u001b[2J" },
    { pipeline: "\ud800" },
    { code: [{ ...file, path: "../evil" }] },
    { code: [{ ...file, path: "/evil" }] },
    { code: [{ ...file, path: "a//b" }] },
    { code: [file, { ...file, path: "a/b" }] },
    { results: [{ key: "../evil", id: "it", files: true }] },
    { results: {} },
    { entries: -1 },
  ];
  for (const claim of claims) {
    const entries = withManifest(ENTRIES, (manifest) => Object.assign(manifest, claim));
    await refusesEntries(entries, /its manifest\.json is not one that this version understands$/);
  }
  await refusesEntries(ENTRIES.slice(1), /it does not begin with manifest\.json$/);
  await refuses(await pack([]), /it is empty$/);
});

Deno.test("a size that the archive cannot have is refused before anything is made of it", async () => {
  const archive = Uint8Array.from(ARCHIVE);
  const first = archive.subarray(0, 512);
  first.set(bytes("77777777777 "), 124); // 8 GiB - 1
  const sum = first.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0);
  first.set(bytes(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  await refuses(archive, /its entry "manifest\.json" claims 8\.0 GiB, but all of it is \d/);
});

Deno.test("cut off anywhere, an archive is refused", async () => {
  // Behind the last file come only two blocks of zeros.
  for (let end = 256; end < ARCHIVE.length - 1024; end += 256) {
    await refuses(ARCHIVE.slice(0, end), /: its? /);
  }
});

Deno.test("with any byte changed, an archive is refused or means the same", async () => {
  const { stored: expected } = await tryImport(ARCHIVE);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(ARCHIVE.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const archive = Uint8Array.from(ARCHIVE);
        archive[at] ^= change;
        const { stored, error } = await tryImport(archive);
        if (error === undefined) assert.deepEqual(stored, expected);
        else {
          assert.ok(error instanceof UserError, `${at} ^ ${change}: ${error}`);
          assert.deepEqual(stored, {});
        }
      },
    ),
    { numRuns: 150, seed: 1 },
  );
});

Deno.test("another run with the same id stays", async () => {
  using temp = testFolder({ "run.tar": ARCHIVE });
  using store = Store.open(`${temp.path}/store`);
  store.putRun(ID, "{}\n");
  await assert.rejects(importFrom(store, `${temp.path}/run.tar`), {
    message: /: the store has another run with the id 20260101-000000-aaaa$/,
  });
  assert.equal(store.readRun(ID), "{}\n");
  assert.equal(store.getRecord(key), undefined);
});

Deno.test("a result that the store has with other bytes stays", async () => {
  using temp = testFolder({ "run.tar": ARCHIVE, "out/other.txt": "other" });
  using store = Store.open(`${temp.path}/store`);
  const record = decodeRecord(new TextDecoder().decode(find("actions/").content), key);
  assert.ok(record);
  const own = { ...record, outputs: { made: await store.ingest(`${temp.path}/out`) } };
  store.putRecord(own);
  const { added, different } = await importFrom(store, `${temp.path}/run.tar`);
  assert.deepEqual({ added, different }, { added: [], different: [key] });
  assert.deepEqual(store.getRecord(key), own);
});

Deno.test("stopped on the way, nothing stays", async () => {
  using temp = testFolder({ "run.tar": ARCHIVE });
  using store = Store.open(`${temp.path}/store`);
  const stop = new AbortController();
  await assert.rejects(
    importArchive(store, `${temp.path}/run.tar`, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
      code: false,
    }),
    { name: "AbortError" },
  );
  store.close();
  assert.deepEqual(Object.keys(readFolder(store.folder)).sort(), [
    "lock",
    "present/",
    "store.json",
    "tmp/",
  ]);
});

Deno.test("killed before any change to the disk, importing again completes", async () => {
  const child = new URL("./import_child.ts", import.meta.url).href;
  const fates = new Set<string>();
  let survived = false;
  for (let step = 0; !survived; step++) {
    using temp = testFolder({ "run.tar": ARCHIVE });
    const folder = `${temp.path}/store`;
    const { code, signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", child, `${temp.path}/run.tar`, folder, String(step)],
      stderr: "inherit",
    }).output();
    survived = code === 0;
    assert(survived || signal === "SIGKILL", `step ${step}: ${code} ${signal}`);

    const damage: unknown[] = [];
    {
      using store = Store.open(folder, { verify: true, onDamage: (found) => damage.push(found) });
      fates.add(store.lookup(key).status);
      await importFrom(store, `${temp.path}/run.tar`);
      assert.equal(store.lookup(key).status, "found", `step ${step}`);
      assert.deepEqual(store.runIds(), [ID], `step ${step}`);
    }
    assert.deepEqual(damage, [], `step ${step}`);
    assert.deepEqual(readFolder(`${folder}/tmp`), {}, `step ${step}`);
  }
  assert.deepEqual([...fates].sort(), ["absent", "found"]);
});
