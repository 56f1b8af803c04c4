/**
 * Removes the results 1 and 2 of a store, but kills itself before the n-th change to the disk:
 * `sweep_child.ts STORE N`. Ends normally if there are fewer.
 *
 * @module
 */
import { Store } from "../../../../runner/store/store.ts";
import { killBefore } from "../kill_before.ts";
import { collect } from "./collect.ts";
import { keyOf } from "./made.ts";

const [folder, killAt] = Deno.args;
killBefore(Number(killAt));
const store = Store.open(folder);
await collect(store, [keyOf(1), keyOf(2)], { horizon: () => Infinity });
store.close();
