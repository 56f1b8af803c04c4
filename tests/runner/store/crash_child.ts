/**
 * Finishes the sample action in the store given as first argument, but kills itself before the n-th
 * change to the disk (second argument). Ends normally if there are fewer.
 *
 * @module
 */
import { Store } from "../../../runner/store/store.ts";
import { finish } from "./sample.ts";

const [folder, killAt] = Deno.args;
let count = 0;

/** Every call by which the store changes the disk. */
const CHANGES = [
  "chmodSync",
  "copyFileSync",
  "linkSync",
  "mkdirSync",
  "removeSync",
  "renameSync",
  "utimeSync",
  "writeFileSync",
  "writeTextFileSync",
] as const;

for (const name of CHANGES) {
  const change = Deno[name];
  Object.defineProperty(Deno, name, {
    value: (...args: unknown[]) => {
      if (count++ === Number(killAt)) Deno.kill(Deno.pid, "SIGKILL");
      return Reflect.apply(change, Deno, args);
    },
  });
}

const store = Store.open(folder);
const tree = await finish(store);
await store.materialise(tree);
store.close();
