/**
 * Packs a store and unpacks one of its results, and copies the store to `COPIES/<n>` before its
 * changes to the disk, as it would be left if the process were killed there:
 * `pack_child.ts STORE COPIES`.
 *
 * Of the hundreds of changes that are of one kind, the same call in the same room of the store, the
 * first three are taken, and every sixteenth.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Store } from "../../../../runner/store/store.ts";
import { beforeChanges } from "../kill_before.ts";
import { keyOf } from "./made.ts";
import { packAll } from "./many.ts";

const [folder, copies] = Deno.args;
let copied = 0;
const kinds = new Map<string, number>();
beforeChanges((name, path) => {
  const kind = `${name} ${path.slice(folder.length).split("/")[1]}`;
  const count = (kinds.get(kind) ?? 0) + 1;
  kinds.set(kind, count);
  if (count > 3 && count % 16 !== 0) return;
  const args = ["-a", folder, `${copies}/${copied++}`];
  assert(new Deno.Command("cp", { args }).outputSync().success);
});
const store = Store.open(folder);
await packAll(store, { horizon: () => Infinity });
await store.materialise(store.getRecord(keyOf(0))?.outputs.made ?? "");
store.close();
