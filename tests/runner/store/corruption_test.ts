/**
 * A store in which any file is damaged in any of several ways.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { PlanContext } from "../../../runner/plan/plan.ts";
import type { PlannedStage } from "../../../runner/plan/record.ts";
import { STORED_TIME } from "../../../runner/store/files.ts";
import { type Damage, Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { instance, pipeline } from "../plan/instances.ts";
import { runTiny } from "../plan/run_tiny.ts";

/** Two chains that meet; the first two make equal files, so objects are shared. */
const TINY = pipeline([
  instance({ id: "a", params: { text: "same" } }),
  instance({ id: "b", params: { text: "same", n: 2 } }),
  instance({ id: "c", params: { text: "other" }, inputs: { from: [{ id: "a", output: "made" }] } }),
  instance({
    id: "d",
    params: { text: "last" },
    inputs: { all: [{ id: "b", output: "made" }, { id: "c", output: "made" }] },
  }),
]);

/** Runs it, and lays out what the last stage made, as for a person to read. */
async function run(
  folder: string,
  { verify = false }: { verify?: boolean } = {},
): Promise<{ done: PlannedStage[]; reports: Damage[] }> {
  const reports: Damage[] = [];
  using store = Store.open(folder, { verify, onDamage: (damage) => reports.push(damage) });
  const context: PlanContext = {
    store,
    pipeline: TINY.name,
    runtime: { backend: "wasm", version: "1" },
    code: new Map(TINY.stages.map(({ id }) => [id, { "stages/make.ts": "1" }])),
    history: store.remembered(TINY.name),
    digestPath: (path) => path,
  };
  const done = await runTiny(TINY, context, ({ params }) => String(params.text).repeat(100));
  for (const planned of done) {
    const record = store.getRecord("key" in planned ? planned.key : "");
    assert(record !== undefined);
    const text = Deno.readTextFileSync(`${await store.materialise(record.outputs.made)}/made.txt`);
    assert.equal(text, String(planned.instance.params.text).repeat(100));
  }
  return { done, reports };
}

/** All files of a folder, relative. */
function filesOf(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${prefix}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesOf(folder, `${prefix}${name}/`) : [`${prefix}${name}`]
  ).sort();
}

const flip = (at: (length: number) => number) => (path: string) => {
  const bytes = Deno.readFileSync(path);
  const index = at(bytes.length);
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes.with(index, bytes[index] ^ 1));
};

const DAMAGES: Record<string, (path: string) => void> = {
  "first bit flipped": flip(() => 0),
  "a bit in the middle flipped": flip((length) => length >> 1),
  "last bit flipped": flip((length) => length - 1),
  "cut in half": (path) => {
    Deno.chmodSync(path, 0o644);
    Deno.truncateSync(path, Deno.statSync(path).size >> 1);
  },
  "emptied": (path) => {
    Deno.chmodSync(path, 0o644);
    Deno.truncateSync(path, 0);
  },
  "deleted": (path) => Deno.removeSync(path),
  "replaced by a folder": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
};

/** Copies a store with its times and links. */
function copy(from: string, to: string): void {
  const { success } = new Deno.Command("cp", { args: ["-a", from, to] }).outputSync();
  assert(success);
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  Deno.test(`any file of a store ${what}: named, set aside, made again`, async () => {
    using temp = testFolder();
    const pristine = `${temp.path}/pristine`;
    const first = await run(pristine);
    const expected = first.done.map(({ status }) => status);
    assert.deepEqual(expected, ["would-run", "would-run", "would-run", "would-run"]);
    const files = filesOf(pristine).filter((name) => /^(objects|actions|trees)\//.test(name));
    assert.equal(files.length, 3 + 3 + 4 + 3); // contents, trees of them, records, folders of links

    for (const [i, file] of files.entries()) {
      const folder = `${temp.path}/${i}`;
      copy(pristine, folder);
      damage(`${folder}/${file}`);
      const { done, reports } = await run(folder);
      const ran = done.filter(({ status }) => status === "would-run").length;
      const why = `${file}: ${JSON.stringify(reports)}`;
      const [room] = file.split("/");
      // A folder of links is made anew from the objects; but what was written to a link is in the
      // object too.
      const harmless = room === "trees" && /^(deleted|replaced)/.test(what);
      const silent = harmless || (room === "actions" && what === "deleted");
      assert.equal(ran > 0, !harmless, why);
      assert.equal(reports.length, silent ? 0 : 1, why);
      if (!silent && room !== "trees") assert.equal(reports[0].what, file);
      if (!silent && what !== "deleted") {
        assert.equal([...Deno.readDirSync(`${folder}/quarantine`)].length, 1, why);
      }

      // After that everything is there again, and whole.
      const again = await run(folder, { verify: true });
      assert(again.done.every(({ status }) => status === "hit"), why);
      assert.deepEqual(again.reports, [], why);
    }
  });
}

Deno.test("bits that flipped by themselves are noticed by --verify", async () => {
  using temp = testFolder();
  const pristine = `${temp.path}/pristine`;
  await run(pristine);
  const objects = filesOf(pristine).filter((name) => name.startsWith("objects/"));
  for (const [i, file] of objects.entries()) {
    const folder = `${temp.path}/${i}`;
    copy(pristine, folder);
    const { mtime } = Deno.statSync(`${folder}/${file}`);
    DAMAGES["last bit flipped"](`${folder}/${file}`);
    Deno.utimeSync(`${folder}/${file}`, mtime ?? STORED_TIME, mtime ?? STORED_TIME);
    const { done, reports } = await run(folder, { verify: true });
    assert(done.some(({ status }) => status === "would-run"), file);
    assert.deepEqual(reports, [{
      what: file,
      problem: "does not have the content that its name says",
    }]);
  }
});

Deno.test("what only saves time or explains may be damaged in any way", async () => {
  using temp = testFolder();
  const pristine = `${temp.path}/pristine`;
  await run(pristine);
  Store.open(pristine).writeCache("some.json", "{}");
  const files = filesOf(pristine).filter((name) => /^(cache|history)\//.test(name));
  assert.equal(files.length, 2);
  for (const [what, damage] of Object.entries(DAMAGES)) {
    if (what === "replaced by a folder") continue;
    for (const file of files) {
      const folder = `${temp.path}/${what}-${file.replaceAll("/", "-")}`;
      copy(pristine, folder);
      damage(`${folder}/${file}`);
      const { done, reports } = await run(folder);
      assert(done.every(({ status }) => status === "hit"));
      assert.deepEqual(reports, []);
      assert.equal(
        Store.open(folder).readCache("some.json"),
        file.startsWith("cache") ? undefined : "{}",
      );
    }
  }
});
