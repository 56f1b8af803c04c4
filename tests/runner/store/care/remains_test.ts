import assert from "node:assert/strict";
import { removeRemains } from "../../../../runner/store/care/remains.ts";
import { Store } from "../../../../runner/store/store.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";

const DAY = 24 * 3600;
const NOW = 1000 * DAY;

/** A store with files that were last changed so many days ago. */
function storeWith(path: string, ages: Record<string, number>): Store {
  const store = Store.open(`${path}/store`);
  for (const [name, days] of Object.entries(ages)) {
    const file = `${store.folder}/${name}`;
    const folders = name.split("/").slice(0, -1).map((_, i, parts) =>
      `${store.folder}/${parts.slice(0, i + 1).join("/")}`
    );
    Deno.mkdirSync(folders.at(-1) ?? "", { recursive: true });
    Deno.writeTextFileSync(file, "four");
    // Some of these folders hold others, which are then older.
    for (const each of [file, ...folders]) Deno.utimeSync(each, NOW - days * DAY, NOW - days * DAY);
  }
  return store;
}

Deno.test("old work and old broken things go, with their size; young ones stay", () => {
  using temp = testFolder();
  using store = storeWith(temp.path, {
    "work/young/scratch/checkpoint": 1,
    "work/old/scratch/checkpoint": 40,
    "quarantine/young.1": 2,
    "quarantine/old.1": 31,
  });
  const expected = [
    { what: "quarantine/old.1", bytes: 4 },
    { what: "work/old", bytes: 4 },
  ];
  const before = (NOW - 30 * DAY) * 1000;
  assert.deepEqual(removeRemains(store, before, { dryRun: true }), expected);
  assert.deepEqual(removeRemains(store, before), expected);
  assert.deepEqual(Object.keys(readFolder(`${store.folder}/work`)), ["young/scratch/checkpoint"]);
  assert.deepEqual(Object.keys(readFolder(`${store.folder}/quarantine`)), ["young.1"]);
});

Deno.test("work that is one folder deep in something young is young", () => {
  using temp = testFolder();
  using store = storeWith(temp.path, { "work/key/log": 40, "work/key/scratch/new": 1 });
  assert.deepEqual(removeRemains(store, (NOW - 30 * DAY) * 1000), []);
});

Deno.test("work that someone has claimed stays, however old", () => {
  using temp = testFolder();
  using store = storeWith(temp.path, { "work/key/log": 40 });
  const taken = store.claim("key");
  assert("claim" in taken);
  assert.deepEqual(removeRemains(store, (NOW - 30 * DAY) * 1000), []);
  taken.claim.release();
  assert.deepEqual(removeRemains(store, (NOW - 30 * DAY) * 1000).length, 1);
});
