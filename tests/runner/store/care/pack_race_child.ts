/**
 * Works with results of many files as a runner does, while others pack them:
 * `pack_race_child.ts STORE SEED ROUNDS`. Ends with 1 if something is not there that it may rely on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Store } from "../../../../runner/store/store.ts";
import { keyOf } from "./made.ts";
import { makeMany, manyFiles } from "./many.ts";

const [folder, seed, rounds] = Deno.args;
for (let round = 0; round < Number(rounds); round++) {
  const damages: string[] = [];
  using store = Store.open(folder, {
    onDamage: ({ what, problem }) => damages.push(`${what} ${problem}`),
  });
  const numbers = [0, 1].map((i) => (i * Number(seed) + round) % 3);
  const records = [];
  for (const n of numbers) {
    const found = store.lookup(keyOf(n));
    records.push({ n, record: found.status === "found" ? found.record : await makeMany(store, n) });
  }
  for (const { n, record } of records) {
    const tree = await store.materialise(record.outputs.made);
    await new Promise((resolve) => setTimeout(resolve, n % 3));
    for (const [path, text] of Object.entries(manyFiles(n))) {
      assert.equal(Deno.readTextFileSync(`${tree}/${path}`), text);
    }
  }
  assert.deepEqual(damages, []);
}
