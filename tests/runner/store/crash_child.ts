/**
 * Finishes the sample action in the store given as first argument, but kills itself before the n-th
 * change to the disk (second argument). Ends normally if there are fewer.
 *
 * @module
 */
import { Store } from "../../../runner/store/store.ts";
import { killBefore } from "./kill_before.ts";
import { finish } from "./sample.ts";

const [folder, killAt] = Deno.args;
killBefore(Number(killAt));

const store = Store.open(folder);
const tree = await finish(store);
await store.materialise(tree);
store.close();
