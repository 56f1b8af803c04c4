/**
 * Imports the archive given first into the store given second, but kills itself before the n-th change
 * to the disk (third argument). Ends normally if there are fewer.
 *
 * @module
 */
import { Store } from "../../../runner/store/store.ts";
import { killBefore } from "../store/kill_before.ts";
import { importFrom } from "./sample.ts";

const [archive, folder, killAt] = Deno.args;
killBefore(Number(killAt));

const store = Store.open(folder);
await importFrom(store, archive);
store.close();
