import assert from "node:assert/strict";
import fc from "fast-check";
import { Contents, readHoldings } from "../../../../runner/store/care/holdings.ts";
import { safeHorizon } from "../../../../runner/store/care/sweep.ts";
import { verifyStore } from "../../../../runner/store/care/verify.ts";
import { Store } from "../../../../runner/store/store.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";
import { collect } from "./collect.ts";
import { filesOf, keyOf, make, tick } from "./made.ts";
import { race } from "./race.ts";

/** A store that somebody has filled and left. */
async function filled(path: string, numbers: number[]): Promise<void> {
  using store = Store.open(path);
  for (const n of numbers) await store.materialise((await make(store, n)).outputs.made);
}

function contentsIn({ folder }: Store): string[] {
  const paths = Object.keys(readFolder(`${folder}/objects`));
  return paths.filter((path) => !path.endsWith("/")).map((path) => path.slice(3)).sort();
}

Deno.test("of a removed result goes what only it needed, and its folder of links", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  const before = contentsIn(store).length;
  const planned = await collect(store, [keyOf(1)], { dryRun: true });
  // Its own file, its third, its list, its folder of links.
  assert.deepEqual(planned, { results: [keyOf(1)], contents: 4, bytes: 369 });
  assert.equal(contentsIn(store).length, before);
  assert.deepEqual(await collect(store, [keyOf(1)]), planned);
  assert.equal(contentsIn(store).length, before - 3);
  assert.equal([...Deno.readDirSync(`${store.folder}/trees`)].length, 1);
  assert.equal(store.lookup(keyOf(1)).status, "absent");
  const kept = store.getRecord(keyOf(0))?.outputs.made ?? "";
  assert.deepEqual(readFolder(await store.materialise(kept)), filesOf(0));
});

Deno.test("what is tagged between the choice and the removal stays whole", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1, 2]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  const kept = () => new Set([keyOf(1)]);
  const { results } = await collect(store, [keyOf(0), keyOf(1), keyOf(2)], { kept });
  assert.deepEqual(results, [keyOf(0), keyOf(2)]);
  const made = store.getRecord(keyOf(1))?.outputs.made ?? "";
  assert.deepEqual(readFolder(await store.materialise(made)), filesOf(1));
});

Deno.test("beside a program from before the clock was set back nothing goes", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  const now = store.openedAt ?? 0;
  const year = 365 * 24 * 3600 * 1000;
  const { results, contents } = await collect(store, [keyOf(0)], {
    horizon: safeHorizon(store.folder, now - year),
  });
  assert.deepEqual([results, contents], [[], 0]);
  const usual = await collect(store, [keyOf(0)], { horizon: safeHorizon(store.folder, now) });
  assert.deepEqual(usual.results, [keyOf(0)]);
});

Deno.test("whatever goes, all that stays is whole", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(8), { maxLength: 9 }), async (numbers) => {
      using temp = testFolder();
      await filled(`${temp.path}/store`, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
      using store = Store.open(`${temp.path}/store`);
      await collect(store, numbers.map(keyOf), { horizon: () => Infinity });
      assert.deepEqual((await verifyStore(store)).findings, []);
      for (let n = 0; n < 9; n++) {
        const found = store.getRecord(keyOf(n));
        assert.equal(found === undefined, numbers.includes(n));
        if (found) {
          assert.deepEqual(readFolder(await store.materialise(found.outputs.made)), filesOf(n));
        }
      }
      const needed = new Set(
        [...readHoldings(store.folder)].flatMap((
          one,
        ) => [...new Contents(store.folder).of(one).keys()]),
      );
      assert.deepEqual(contentsIn(store), [...needed].sort());
    }),
    { numRuns: 10 },
  );
});

Deno.test("a result that a running pipeline has looked up stays, until that ends", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  {
    using other = Store.open(store.folder);
    assert.equal(other.lookup(keyOf(1)).status, "found");
    await Promise.resolve(); // notes are written when the turn is over
    assert.deepEqual((await collect(store, [keyOf(0), keyOf(1)])).results, [keyOf(0)]);
    const tree = other.getRecord(keyOf(1))?.outputs.made ?? "";
    assert.deepEqual(readFolder(await other.materialise(tree)), filesOf(1));
  }
  assert.deepEqual((await collect(store, [keyOf(1)])).results, [keyOf(1)]);
});

Deno.test("contents that a running pipeline makes, or finds there already, stay", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  using other = Store.open(store.folder);
  // The result is collected while its twin's files are in the store and its record is not.
  const out = `${temp.path}/out`;
  temp.write(Object.fromEntries(Object.entries(filesOf(0)).map(([name, x]) => [`out/${name}`, x])));
  const tree = await other.ingest(out);
  assert.equal((await collect(store, [keyOf(0)])).contents, 0);
  assert.deepEqual(readFolder(await other.materialise(tree)), filesOf(0));
});

Deno.test("what a killed sweep leaves is whole, and the next sweep removes the rest", async () => {
  using temp = testFolder();
  await filled(`${temp.path}/store`, [0, 1, 2]);
  await tick();
  using store = Store.open(`${temp.path}/store`);
  // As after a kill between records and contents.
  Deno.removeSync(`${store.folder}/actions/${keyOf(1).slice(0, 2)}/${keyOf(1)}.json`);
  assert.deepEqual((await verifyStore(store)).findings, []);
  assert.deepEqual(await collect(store, []), { results: [], contents: 4, bytes: 369 });
});

Deno.test("killed before any change to the disk, a sweep leaves whole results", async () => {
  const child = new URL("./sweep_child.ts", import.meta.url).href;
  let survived = false;
  for (let step = 0; !survived; step++) {
    using temp = testFolder();
    await filled(`${temp.path}/store`, [0, 1, 2]);
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", child, `${temp.path}/store`, String(step)],
      stderr: "inherit",
    }).output();
    survived = code === 0;

    using store = Store.open(`${temp.path}/store`);
    assert.deepEqual((await verifyStore(store)).findings, [], `step ${step}`);
    assert.equal(store.lookup(keyOf(0)).status, "found", `step ${step}`);
    const left = [1, 2].map(keyOf).filter((key) => store.peekRecord(key));
    if (survived) assert.deepEqual(left, []);
    await collect(store, left, { horizon: () => Infinity });
    assert.equal(contentsIn(store).length, 4, `step ${step}`);
  }
});

Deno.test("runners and sweeps that race lose nothing that anyone relies on", async () => {
  // Whether a sweep finds anything to remove between two runners is chance: some rounds do.
  let removed = 0;
  for (let attempt = 0; attempt < 10 && removed === 0; attempt++) {
    removed += await removedBesideRunners();
  }
  assert(removed > 0);
});

/** Two runners beside sweeps. @returns contents that the sweeps removed */
async function removedBesideRunners(): Promise<number> {
  using temp = testFolder();
  const path = `${temp.path}/store`;
  Store.open(path).close();
  let removed = 0;
  await race("race_child.ts", path, 60, async () => {
    using store = Store.open(path);
    const all = [...readHoldings(path)].map(({ key }) => key);
    removed += (await collect(store, all)).contents;
  });
  return removed;
}
